export { OwnTokens } from "./own-tokens";
export { TokenList } from "./token-list";
