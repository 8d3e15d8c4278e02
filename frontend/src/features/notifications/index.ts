export { InboxPage } from "./inbox-page";
export { NotificationBell } from "./notification-bell";
