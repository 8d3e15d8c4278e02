import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { get, getPaged, newIdempotencyKey, send } from "@/api/client";
import { pageQuery } from "@/lib/table-search";
import type { FollowUpsSearch } from "./search";
import type { Command, FollowUp, FollowUpChoices, FollowUpList } from "./types";

const BASE = "/api/followups";

/** A page of follow-ups, the oldest answer first, with the counters of all pages; staff get their own. */
export const followUpsOptions = (search: FollowUpsSearch) => {
  const { limit, cursor } = pageQuery(search);
  const { tab: state, urgency, product_id, database_id, staff_id } = search;
  const query = { limit, cursor, state, urgency, product_id, database_id, staff_id };
  return queryOptions({
    queryKey: ["followups", "list", query],
    queryFn: async ({ signal }) => {
      const { body, ...paging } = await getPaged<FollowUpList>(BASE, query, signal);
      return { items: body.followups, summary: body.summary, ...paging };
    },
    placeholderData: keepPreviousData,
  });
};

/** Products, databases and people that have follow-ups. */
export const followUpChoicesOptions = queryOptions({
  queryKey: ["followups", "filters"],
  queryFn: ({ signal }) => get<FollowUpChoices>(`${BASE}/filters`, undefined, signal),
});

/** Carries out one command; lists and counters are read again afterwards, whatever came of it. */
export function useFollowUpCommand(ownError = false) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ followUp, command }: { followUp: FollowUp; command: Command }) => {
      const { do: verb, ...body } = command;
      const options = { idempotencyKey: newIdempotencyKey() };
      return send<FollowUp>("POST", `${BASE}/${followUp.record_id}/${verb}`, body, options);
    },
    onSettled: () => {
      void client.invalidateQueries({ queryKey: ["followups"] });
      void client.invalidateQueries({ queryKey: ["customers", "timeline"] });
    },
    meta: { ownError },
  });
}
