export { setupOptions } from "./api";
export { ProfilePage } from "./profile-page";
export { usersSearchSchema } from "./search";
export { SetupPage } from "./setup-page";
export { SignInPage } from "./sign-in-page";
export { UserMenu } from "./user-menu";
export { UsersPage } from "./users-page";
