/** This package's checksums, as a program that needs no account makes them. */
import { NodeContext } from "@effect/platform-node"
import { Layer } from "effect"
import { ChecksumsDigest } from "effect-wcs"
import { DigestNode } from "effect-wcs/node"

export const ChecksumsLive = Layer.provide(ChecksumsDigest.layer, [DigestNode.layer, NodeContext.layer])
