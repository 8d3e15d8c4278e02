import {
  type InfiniteData,
  infiniteQueryOptions,
  queryOptions,
  useMutation,
  useQueryClient,
} from "@tanstack/react-query";
import { get, getPaged, send } from "@/api/client";
import type { Schemas } from "@/api/schema";
import { PAGE_SIZE } from "@/lib/table-search";

export type Notification = Schemas["NotificationOut"];
type NotificationList = Schemas["Inbox"];
export type NotificationKind = Schemas["NotificationKind"];
type Settings = Schemas["NotificationSettings"];
export type InboxPage = { body: NotificationList; nextCursor: string | null };
type Pages = InfiniteData<InboxPage, string | undefined>;

const notificationsKey = ["notifications"] as const;
const listKey = [...notificationsKey, "list"] as const;
const unreadKey = [...notificationsKey, "unread"] as const;
const settingsKey = ["notification-settings"] as const;

/** The inbox, or what of it is `unread`, a page at a time, newest first. */
export const inboxOptions = (unread: boolean) =>
  infiniteQueryOptions({
    queryKey: [...listKey, unread ? "unread" : "all"],
    queryFn: ({ pageParam, signal }): Promise<InboxPage> =>
      getPaged<NotificationList>(
        "/api/notifications",
        { limit: PAGE_SIZE, cursor: pageParam, unread: unread || undefined },
        signal,
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.nextCursor ?? undefined,
  });

/** How many are unread, for the bell; the live stream says when to look again. */
export const unreadOptions = queryOptions({
  queryKey: unreadKey,
  queryFn: async ({ signal }) =>
    (await get<NotificationList>("/api/notifications", { limit: 1, unread: true }, signal)).unread,
});

export type Marking = {
  /** Without ids: all. */
  ids?: string[];
  read: boolean;
};

/** Marks some or all as read, or some as not; shown at once, taken back when refused. */
export function useMarkRead() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ ids, read }: Marking) =>
      send<void>("POST", `/api/notifications/${read ? "read" : "unread"}`, ids ? { ids } : {}),
    onMutate: async (marking) => {
      await client.cancelQueries({ queryKey: notificationsKey });
      const lists = client.getQueriesData<Pages>({ queryKey: listKey });
      const unread = client.getQueryData<number>(unreadKey);
      for (const [key, list] of lists) {
        if (!list) continue;
        const next = marked(list, marking, new Date().toISOString());
        client.setQueryData<Pages>(key, next);
        client.setQueryData<number>(unreadKey, next.pages[0]?.body.unread ?? 0);
      }
      return { lists, unread };
    },
    onError: (_error, _marking, before) => {
      for (const [key, list] of before?.lists ?? []) client.setQueryData(key, list);
      client.setQueryData(unreadKey, before?.unread);
    },
    onSettled: () => client.invalidateQueries({ queryKey: notificationsKey }),
  });
}

/** The pages as they are once this is marked. */
export function marked(list: Pages, { ids, read }: Marking, at: string): Pages {
  const changes = (entry: Notification) => !entry.read_at === read && (!ids || ids.includes(entry.id));
  const count = list.pages.flatMap((page) => page.body.notifications).filter(changes).length;
  return {
    ...list,
    pages: list.pages.map((page) => ({
      ...page,
      body: {
        unread: ids ? Math.max(0, page.body.unread + (read ? -count : count)) : 0,
        notifications: page.body.notifications.map((entry) =>
          changes(entry) ? { ...entry, read_at: read ? at : null } : entry,
        ),
      },
    })),
  };
}

/** What one may be told of, and what of it is switched off. */
export const settingsOptions = queryOptions({
  queryKey: settingsKey,
  queryFn: ({ signal }) => get<Settings>("/api/notifications/settings", undefined, signal),
});

/** Switches exactly these kinds off; shown at once, taken back when refused. */
export function useMute() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (muted: NotificationKind["kind"][]) =>
      send<Settings>("PUT", "/api/notifications/settings", { muted }),
    // One after the other: the last switch that was pressed is the last to be stored.
    scope: { id: "mute" },
    onMutate: async (muted) => {
      await client.cancelQueries({ queryKey: settingsKey });
      client.setQueryData<Settings>(
        settingsKey,
        (old) => old && { kinds: old.kinds.map((kind) => ({ ...kind, muted: muted.includes(kind.kind) })) },
      );
    },
    onSettled: () => client.invalidateQueries({ queryKey: settingsKey }),
  });
}
