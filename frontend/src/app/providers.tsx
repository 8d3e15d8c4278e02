import { type QueryClient, QueryClientProvider } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { I18nextProvider } from "react-i18next";
import { Toaster } from "sonner";
import { TooltipProvider } from "@/components/ui/popover";
import { i18n } from "@/i18n";

export function Providers({ queryClient, children }: { queryClient: QueryClient; children: ReactNode }) {
  return (
    <I18nextProvider i18n={i18n}>
      <QueryClientProvider client={queryClient}>
        <TooltipProvider delayDuration={400}>{children}</TooltipProvider>
        <Toaster
          position="bottom-center"
          toastOptions={{
            style: {
              background: "var(--surface)",
              color: "var(--foreground)",
              border: "1px solid var(--border-strong)",
              fontFamily: "var(--font-sans)",
            },
            actionButtonStyle: { background: "var(--accent)", color: "var(--accent-foreground)" },
          }}
        />
      </QueryClientProvider>
    </I18nextProvider>
  );
}
