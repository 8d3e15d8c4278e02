import { keepPreviousData, queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { get, getPage, send, setCsrfToken } from "@/api/client";
import type { Schemas } from "@/api/schema";
import { meKey, type SessionUser } from "@/api/session";
import { setLanguage } from "@/i18n";
import { pageQuery } from "@/lib/table-search";
import { applyTheme } from "@/lib/theme";
import type { UsersSearch } from "./search";

export type User = Schemas["UserOut"];
export type Presence = User["presence"];
export type UserChanges = Schemas["UserUpdate"];

export const setupOptions = queryOptions({
  queryKey: ["setup"],
  queryFn: ({ signal }) => get<Schemas["SetupState"]>("/api/setup", undefined, signal),
  staleTime: 0,
});

/** Takes over a new session: everything cached belonged to whoever was here before. */
function useStartSession() {
  const client = useQueryClient();
  return async ({ csrf_token, user }: Schemas["SignedIn"]) => {
    client.clear();
    setCsrfToken(csrf_token);
    client.setQueryData(meKey, user);
    await setLanguage(user.language);
    applyTheme(user.theme);
  };
}

export function useSignIn() {
  const start = useStartSession();
  return useMutation({
    mutationFn: (body: Schemas["LoginRequest"]) => send<Schemas["SignedIn"]>("POST", "/api/auth/login", body),
    onSuccess: start,
    meta: { ownError: true },
  });
}

export function useSetUp() {
  const start = useStartSession();
  return useMutation({
    mutationFn: (body: Schemas["SetupRequest"]) => send<Schemas["SignedIn"]>("POST", "/api/setup", body),
    onSuccess: start,
    meta: { ownError: true },
  });
}

/** Ends the session; `leave` goes to the door, and only then is what was known about this person forgotten. */
export function useSignOut(leave: () => Promise<void>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => send<void>("POST", "/api/auth/logout"),
    onSuccess: async () => {
      await leave();
      setCsrfToken(null);
      client.clear();
    },
  });
}

/** Language and theme show at once and go back when the server refuses. */
export function useUpdateProfile() {
  const client = useQueryClient();
  const show = async (user: SessionUser) => {
    client.setQueryData(meKey, user);
    applyTheme(user.theme);
    await setLanguage(user.language);
  };
  return useMutation({
    mutationFn: (patch: Partial<Pick<SessionUser, "name" | "language" | "theme">>) =>
      send<SessionUser>("PATCH", "/api/auth/me", patch),
    onMutate: async (patch) => {
      const before = client.getQueryData<SessionUser>(meKey);
      if (before) await show({ ...before, ...patch });
      return { before };
    },
    onError: (_error, _patch, context) => {
      if (context?.before) void show(context.before);
    },
    onSuccess: show,
  });
}

export function useChangePassword() {
  return useMutation({
    mutationFn: (body: Schemas["PasswordChange"]) => send<void>("POST", "/api/auth/password", body),
    meta: { ownError: true },
  });
}

const usersKey = ["users"] as const;

export const usersOptions = (search: UsersSearch) =>
  queryOptions({
    queryKey: [...usersKey, "list", pageQuery(search), search.role, search.presence],
    queryFn: ({ signal }) =>
      getPage<User>(
        "/api/users",
        { ...pageQuery(search), role: search.role, presence: search.presence },
        signal,
      ),
    placeholderData: keepPreviousData,
    // Who comes is announced; who goes only shows by the clock.
    refetchInterval: 60_000,
  });

export function useCreateUser() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: Schemas["UserCreate"]) => send<User>("POST", "/api/users", body),
    onSuccess: () => client.invalidateQueries({ queryKey: usersKey }),
    meta: { ownError: true },
  });
}

export function useUpdateUser() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, ...patch }: UserChanges & { id: string }) =>
      send<User>("PATCH", `/api/users/${id}`, patch),
    onSuccess: () => client.invalidateQueries({ queryKey: usersKey }),
    meta: { ownError: true },
  });
}

export function useRemoveUser() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => send<Schemas["UserRemovedOut"]>("DELETE", `/api/users/${id}`),
    onSuccess: () => client.invalidateQueries({ queryKey: usersKey }),
    meta: { ownError: true },
  });
}

export type UserSession = Schemas["UserSessionOut"];

/** Where the sign-ins of somebody are; one's own, without an id. */
const sessionsPath = (userId?: string) => (userId ? `/api/users/${userId}/sessions` : "/api/auth/sessions");

const sessionsKey = [...usersKey, "sessions"] as const;

/** Where somebody, or the reader, is signed in. */
export const useSessions = (userId?: string) =>
  useQuery({
    queryKey: [...sessionsKey, userId ?? "own"],
    queryFn: ({ signal }) => get<UserSession[]>(sessionsPath(userId), undefined, signal),
  });

/** Everywhere; of oneself, everywhere but here. */
export function useEndSessions() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (userId: string | undefined) => send<void>("DELETE", sessionsPath(userId)),
    onSuccess: () => client.invalidateQueries({ queryKey: usersKey }),
    meta: { ownError: true },
  });
}

export function useEndSession(userId?: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => send<void>("DELETE", `${sessionsPath(userId)}/${id}`),
    onSettled: () => client.invalidateQueries({ queryKey: sessionsKey }),
    meta: { ownError: true },
  });
}
