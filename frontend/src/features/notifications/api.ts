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

/** The inbox, a page at a time, newest first. */
export const inboxOptions = infiniteQueryOptions({
  queryKey: listKey,
  queryFn: ({ pageParam, signal }): Promise<InboxPage> =>
    getPaged<NotificationList>("/api/notifications", { limit: PAGE_SIZE, cursor: pageParam }, signal),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (last) => last.nextCursor ?? undefined,
});

/** How many are unread, for the bell; the live stream says when to look again. */
export const unreadOptions = queryOptions({
  queryKey: unreadKey,
  queryFn: async ({ signal }) =>
    (await get<NotificationList>("/api/notifications", { limit: 1, unread: true }, signal)).unread,
});

/** Marks some (or, without ids, all) as read; shown at once, taken back when refused. */
export function useMarkRead() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (ids?: string[]) => send<void>("POST", "/api/notifications/read", ids ? { ids } : {}),
    onMutate: async (ids) => {
      await client.cancelQueries({ queryKey: notificationsKey });
      const list = client.getQueryData<Pages>(listKey);
      const unread = client.getQueryData<number>(unreadKey);
      if (list) {
        const next = markRead(list, ids, new Date().toISOString());
        client.setQueryData<Pages>(listKey, next);
        client.setQueryData<number>(unreadKey, next.pages[0]?.body.unread ?? 0);
      }
      return { list, unread };
    },
    onError: (_error, _ids, before) => {
      client.setQueryData(listKey, before?.list);
      client.setQueryData(unreadKey, before?.unread);
    },
    onSettled: () => client.invalidateQueries({ queryKey: notificationsKey }),
  });
}

/** The pages as they are once `ids` (all without) are read. */
export function markRead(list: Pages, ids: string[] | undefined, at: string): Pages {
  const isNew = (entry: Notification) => !entry.read_at && (!ids || ids.includes(entry.id));
  const count = list.pages.flatMap((page) => page.body.notifications).filter(isNew).length;
  return {
    ...list,
    pages: list.pages.map((page) => ({
      ...page,
      body: {
        unread: ids ? Math.max(0, page.body.unread - count) : 0,
        notifications: page.body.notifications.map((entry) =>
          isNew(entry) ? { ...entry, read_at: at } : entry,
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
