import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { get, send } from "@/api/client";

export type Notification = {
  id: string;
  type: string;
  user_id: string;
  data: Record<string, unknown>;
  created_at: string;
  read_at?: string | null;
};

export type NotificationList = { notifications: Notification[]; unread: number };

export const notificationsOptions = queryOptions({
  queryKey: ["notifications"],
  queryFn: ({ signal }) => get<NotificationList>("/api/notifications", { limit: 50 }, signal),
  staleTime: 20_000,
  refetchInterval: 60_000,
});

/** Marks some (or, without ids, all) as read; shown at once, taken back when refused. */
export function useMarkRead() {
  const client = useQueryClient();
  const key = notificationsOptions.queryKey;
  return useMutation({
    mutationFn: (ids?: string[]) => send<void>("POST", "/api/notifications/read", ids ? { ids } : {}),
    onMutate: async (ids) => {
      await client.cancelQueries({ queryKey: key });
      const before = client.getQueryData(key);
      client.setQueryData(key, (list) => list && markRead(list, ids, new Date().toISOString()));
      return { before };
    },
    onError: (_error, _ids, context) => client.setQueryData(key, context?.before),
    onSettled: () => client.invalidateQueries({ queryKey: key }),
  });
}

export function markRead(list: NotificationList, ids: string[] | undefined, at: string): NotificationList {
  let newlyRead = 0;
  const notifications = list.notifications.map((entry) => {
    if (entry.read_at || (ids && !ids.includes(entry.id))) return entry;
    newlyRead += 1;
    return { ...entry, read_at: at };
  });
  return { notifications, unread: ids ? Math.max(0, list.unread - newlyRead) : 0 };
}
