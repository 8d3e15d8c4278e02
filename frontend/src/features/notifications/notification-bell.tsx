import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Bell } from "lucide-react";
import { useTranslation } from "react-i18next";
import { mayOpen, useCan, useMe } from "@/api/session";
import { Button } from "@/components/ui/button";
import { unreadOptions } from "./api";

export function NotificationBell() {
  const { t } = useTranslation();
  const can = useCan();
  const me = useMe();
  const allowed = can("notifications.own") && mayOpen(me, "inbox");
  const { data: unread = 0 } = useQuery({ ...unreadOptions, enabled: allowed });
  if (!allowed) return null;
  return (
    <Button variant="ghost" size="icon" asChild className="relative">
      <Link to="/inbox" aria-label={t("inbox.bell", { count: unread })}>
        <Bell aria-hidden />
        {unread > 0 && (
          <span
            aria-hidden
            className="tabular absolute top-0 right-0 grid h-4 min-w-4 place-content-center rounded-full bg-accent px-1 font-semibold text-[10px] text-accent-foreground"
          >
            {unread > 99 ? "99+" : unread}
          </span>
        )}
      </Link>
    </Button>
  );
}
