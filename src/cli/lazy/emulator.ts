/**
 * What only `wcscmd emulator` needs: it is loaded when that runs, so that every other command starts fast.
 */
export * as EmulatorAddress from "../../testing/EmulatorAddress.ts"
export * as EmulatorNode from "../../testing/node.ts"
