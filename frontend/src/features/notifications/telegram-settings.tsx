import { zodResolver } from "@hookform/resolvers/zod";
import { useQuery } from "@tanstack/react-query";
import { CircleCheck, CircleDashed, CircleX, Hourglass, Send } from "lucide-react";
import { useMemo } from "react";
import { Controller, useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { setServerErrors } from "@/api/form-errors";
import { useFormat } from "@/api/server-time";
import { ErrorState, SaveFooter, StatusBadge, toast, useProblemText } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import { Switch } from "@/components/ui/checkbox";
import { Field, FormError } from "@/components/ui/field";
import { Input, NativeSelect } from "@/components/ui/input";
import { Skeleton } from "@/components/ui/surface";
import { useCodeText } from "@/lib/code-text";
import { z } from "@/lib/zod";
import {
  type Channel,
  type ChannelMessage,
  channelOptions,
  DIGESTS,
  useSaveChannel,
  useSendTest,
} from "./channel-api";

const FIELDS = ["enabled", "chat_id", "token", "language", "digests"] as const;

/** The channel to the outside: a chat of Telegram that digests go to. */
export function TelegramSettings() {
  const query = useQuery(channelOptions);
  if (query.data) return <ChannelForm key={query.data.updated_at ?? ""} channel={query.data} />;
  if (query.isError) return <ErrorState error={query.error} onRetry={() => query.refetch()} />;
  return (
    <div aria-busy className="grid gap-3">
      <Skeleton className="h-8" />
      <Skeleton className="h-8" />
      <Skeleton className="h-8" />
    </div>
  );
}

function ChannelForm({ channel }: { channel: Channel }) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const save = useSaveChannel();
  const test = useSendTest();
  const schema = useMemo(
    () =>
      z.object({
        enabled: z.boolean(),
        chat_id: z
          .string()
          .trim()
          .regex(/^(-?\d+|@\w+)?$/, t("channels.chat_invalid")),
        token: z
          .string()
          .trim()
          .regex(/^(\d+:[\w-]+)?$/, t("channels.token_invalid")),
        language: z.enum(["en", "id"]),
        digests: z.array(z.enum(DIGESTS)),
      }),
    [t],
  );
  const form = useForm({
    resolver: zodResolver(schema),
    defaultValues: {
      enabled: channel.enabled,
      chat_id: channel.chat_id,
      token: "",
      language: channel.language,
      digests: channel.digests,
    },
  });
  const { errors, isDirty } = form.formState;
  const placed = FIELDS.some((name) => errors[name]);
  const ready = channel.has_token && channel.chat_id !== "";
  return (
    <div className="grid gap-5">
      <form
        noValidate
        className="grid gap-4"
        onSubmit={form.handleSubmit(({ token, ...values }) =>
          save.mutate(token ? { ...values, token } : values, {
            onSuccess: () => toast.success(t("common.saved")),
            onError: (error) => setServerErrors(error, form.setError, FIELDS),
          }),
        )}
      >
        <Controller
          control={form.control}
          name="enabled"
          render={({ field }) => (
            <label htmlFor="channel-enabled" className="flex items-center gap-3 text-sm">
              <Switch id="channel-enabled" checked={field.value} onCheckedChange={field.onChange} />
              {t("channels.enabled")}
            </label>
          )}
        />
        <div className="grid items-start gap-4 sm:grid-cols-2">
          <Field
            label={t("channels.token")}
            hint={channel.has_token ? t("channels.token_stored") : t("channels.token_hint")}
            error={errors.token?.message}
          >
            <Input type="password" autoComplete="off" {...form.register("token")} />
          </Field>
          <Field label={t("channels.chat")} hint={t("channels.chat_hint")} error={errors.chat_id?.message}>
            <Input autoComplete="off" className="tabular" {...form.register("chat_id")} />
          </Field>
          <Field label={t("channels.language")}>
            <NativeSelect {...form.register("language")}>
              <option value="id">Bahasa Indonesia</option>
              <option value="en">English</option>
            </NativeSelect>
          </Field>
        </div>
        <Controller
          control={form.control}
          name="digests"
          render={({ field }) => (
            <fieldset className="grid gap-2">
              <legend className="mb-1.5 font-medium text-sm">{t("channels.digests")}</legend>
              {DIGESTS.map((digest) => (
                <label key={digest} htmlFor={`digest-${digest}`} className="flex items-center gap-3 text-sm">
                  <Switch
                    id={`digest-${digest}`}
                    checked={field.value.includes(digest)}
                    onCheckedChange={(on) =>
                      field.onChange(
                        DIGESTS.filter((name) => (name === digest ? on : field.value.includes(name))),
                      )
                    }
                  />
                  {t(`channels.digest.${digest}`)}
                </label>
              ))}
            </fieldset>
          )}
        />
        <FormError>{save.error && !placed ? problemText(save.error) : null}</FormError>
        <div className="flex flex-wrap items-center gap-3">
          <SaveFooter
            isDirty={isDirty}
            busy={save.isPending}
            saved={{ updated_at: channel.updated_at, updated_by: channel.updated_by_name }}
          />
          <Button
            busy={test.isPending}
            disabled={!ready || isDirty}
            onClick={() =>
              test.mutate(undefined, { onSuccess: () => toast.success(t("channels.test_sent")) })
            }
          >
            <Send aria-hidden />
            {t("channels.test")}
          </Button>
        </div>
      </form>
      {channel.messages.length > 0 && <Messages messages={channel.messages} />}
    </div>
  );
}

const STATES = {
  waiting: { icon: Hourglass, tone: "info" },
  sent: { icon: CircleCheck, tone: "success" },
  failed: { icon: CircleX, tone: "danger" },
  off: { icon: CircleDashed, tone: "neutral" },
} as const;

/** What was sent last, and what came of it. */
function Messages({ messages }: { messages: ChannelMessage[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const codeText = useCodeText();
  return (
    <section className="grid gap-2">
      <h3 className="font-medium text-sm">{t("channels.messages")}</h3>
      <ul className="divide-y rounded-md border border-border text-sm">
        {messages.map((message) => (
          <li
            key={`${message.kind} ${message.created_at}`}
            className="flex flex-wrap items-center gap-x-3 gap-y-1 px-3 py-2"
          >
            <span className="min-w-40 flex-1">{t(`channels.digest.${message.kind}`)}</span>
            <StatusBadge label={t(`channels.state.${message.state}`)} {...STATES[message.state]} />
            {message.error && (
              <span className="text-muted text-xs">
                {codeText("channels.error", message.error, message.error)}
              </span>
            )}
            <time dateTime={message.created_at} className="text-muted text-xs">
              {format.dateTime(message.created_at)}
            </time>
          </li>
        ))}
      </ul>
    </section>
  );
}
