import { MutationCache, QueryClient } from "@tanstack/react-query";
import { isProblem } from "@/api/problem";

/** Retries only what a second try can mend: no connection, or a server that is busy. Once. */
function shouldRetry(failures: number, error: unknown): boolean {
  if (failures >= 1) return false;
  return isProblem(error) ? error.isNetwork || error.status === 502 || error.status === 503 : false;
}

export function createQueryClient(onMutationError?: (error: unknown) => void): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: { staleTime: 15_000, retry: shouldRetry, refetchOnWindowFocus: true },
      mutations: { retry: false },
    },
    mutationCache: new MutationCache({
      // A form or dialog that shows its own error says so: `meta: { ownError: true }`.
      onError: (error, _variables, _context, mutation) => {
        if (mutation.meta?.ownError !== true) onMutationError?.(error);
      },
    }),
  });
}
