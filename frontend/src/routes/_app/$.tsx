import { createFileRoute } from "@tanstack/react-router";
import { RouteNotFound } from "@/components/layout";

/** Any other address: 404 inside the frame, so that the menu is still there. */
export const Route = createFileRoute("/_app/$")({ component: RouteNotFound });
