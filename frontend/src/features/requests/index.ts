export { RequestSheet } from "./request-sheet";
