export { DigestPreviews } from "./digest-previews";
export { InboxPage } from "./inbox-page";
export { MuteSettings } from "./mute-settings";
export { NotificationBell } from "./notification-bell";
export { inboxSearchSchema } from "./search";
export { TelegramSettings } from "./telegram-settings";
