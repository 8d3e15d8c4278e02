import type { Schemas } from "@/api/schema";

export type Deposit = Schemas["DepositOut"];

export type DepositDetail = Schemas["DepositDetail"];

/** Where a deposit is in its life (spec 4.2); one in the trash keeps the status it had. */
export type DepositStatus = Schemas["DepositStatus"];

/** NDP: the first day of a customer with a staff for a product; RDP: a later one (spec 4.1). */
export type CustomerType = Schemas["CustomerType"];

/** What is booked, with figures as numbers. */
export type BookForm = Omit<Schemas["DepositForm"], "nominal" | "depo_kelipatan"> & {
  nominal: number;
  depo_kelipatan: number;
};

export type DepositChange = Schemas["DepositChange"];

/** What a form would be if it were saved now. */
export type PreviewRow = Schemas["PreviewRow"];

/** What became of a form: a deposit, or what is wrong with it. */
export type BookedRow = Schemas["BookedRow"];

export type KnownCustomer = Schemas["KnownCustomer"];

export type Explanation = Schemas["Explanation"];

export type Duplicates = Schemas["DepositDuplicates"];

export type DuplicateGroup = Schemas["DepositDuplicateGroup"];

export type Summary = Schemas["Summary"];

export type LedgerSettings = Schemas["LedgerSettingsOut"];

export type Recalculation = Schemas["RecalculationOut"];

/** What can be done with a deposit by one press and a confirmation. */
export type Command = "approve" | "decline" | "delete" | "restore" | "purge";

/** How one of several deposits went. */
export type Outcome = { deposit: Deposit; error?: unknown };
