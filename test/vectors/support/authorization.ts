import { assert } from "@effect/vitest"
import { createHmac } from "node:crypto"
import { base64url } from "./content.ts"
import { clock } from "./files.ts"
import type { Sent } from "./server.ts"
import type { Setting } from "./setting.ts"

/** The signature by the book (protocol 2.1), with nothing of the library. */
const sign = ({ secretKey }: Setting, text: string): string =>
  base64url(createHmac("sha1", secretKey).update(text).digest("hex"))

/** A management token covers the path, the query and the body exactly as they were sent. */
export const checkManagement = (setting: Setting, sent: Sent): string => {
  const text = `${sent.path}${sent.query === "" ? "" : `?${sent.query}`}\n${Buffer.from(sent.body)}`
  assert.strictEqual(
    sent.headers["authorization"],
    `${setting.accessKey}:${sign(setting, text)}`,
    `the signature of ${sent.step}`
  )
  return text
}

/**
 * An upload token signs the policy that it carries, and the policy is the recorded one. Each request has a token of its
 * own: its deadline has moved with the clock.
 */
export const checkUpload = (setting: Setting, sent: Sent, token: string | undefined) => {
  assert.isDefined(token, `${sent.step} carries an upload token`)
  const [key, signature, encoded = ""] = token.split(":")
  assert.strictEqual(key, setting.accessKey)
  assert.strictEqual(signature, sign(setting, encoded), `the signature of ${sent.step}'s token`)
  const ours = JSON.parse(Buffer.from(encoded, "base64url").toString())
  assert.match(ours.deadline, /^\d{13}$/)
  const elapsed = Math.floor((sent.at - clock) / 1000) * 1000
  assert.deepStrictEqual(
    { ...ours, deadline: Number(ours.deadline) - elapsed },
    { ...setting.policy, deadline: Number(setting.policy["deadline"]) },
    `the policy of ${sent.step}'s token`
  )
}
