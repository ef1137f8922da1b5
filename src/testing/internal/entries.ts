import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Entry from "../../domain/Entry.ts"
import { Credentials } from "./credentials.ts"
import type { Exchange, Subject } from "./operation.ts"
import { type Refusal, refuse } from "./refusal.ts"

const decode = Schema.decodeOption(Entry.EntryFromEncoded)

/** The object that a path names, in a bucket of the account. Its padding is not percent-encoded (protocol 17.6). */
export const read = (encoded: string | undefined): Effect.Effect<Entry.Entry, Refusal, Credentials> =>
  Option.match(decode(encoded ?? ""), {
    onNone: () => Effect.fail(refuse(400, "Invalid Entry", "an entry is `bucket:key` in URL-safe Base64")),
    onSome: (entry) => Effect.as(Effect.flatMap(Credentials, ({ bucket }) => bucket(entry.bucket)), entry)
  })

/** The object that a path names, by a key that one may be stored under. */
export const readTarget = (encoded: string | undefined): Effect.Effect<Entry.Entry, Refusal, Credentials> =>
  Effect.flatMap(
    read(encoded),
    (entry) => Either.mapLeft(Entry.toStore(entry), ({ detail }) => refuse(400, "Invalid Key", detail))
  )

/** The object that a path names. */
export const subject = ({ params }: Pick<Exchange, "params">): Effect.Effect<Subject> =>
  Effect.succeed(Option.match(decode(params["entry"] ?? ""), {
    onNone: () => ({}),
    onSome: ({ bucket, key }) => ({ bucket, key })
  }))

/** Milliseconds as text, empty for never; every published sample is empty (protocol 6.1). */
export const expirationDate = (expiresAt: number | undefined): string =>
  expiresAt === undefined ? "" : String(expiresAt)
