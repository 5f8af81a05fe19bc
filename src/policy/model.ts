import type { Caller, Scope } from '#identity/index.ts'
import type { Access } from '#profile/index.ts'

declare const authorized: unique symbol

/** Proof that the policy allowed a request. Only `authorize` makes one, so nothing unauthorised can be forwarded. */
export interface Authorization {
  /** The rule that allowed it, as shown to people. */
  readonly rule: string
  readonly [authorized]: true
}

/** What the policy needs to know of an endpoint. */
export interface GuardedEndpoint {
  readonly tenant: string
  readonly name: string
  readonly access: Access
}

/** What is asked: a method with its scope, on a tool where there is one. */
export interface AccessQuestion {
  readonly caller: Caller
  readonly endpoint: GuardedEndpoint
  /** The scope the method needs; null: anybody who may use the endpoint. */
  readonly scope: Scope | null
  /** The tool, by the name under which this endpoint lists it; null when the method names none. */
  readonly tool: string | null
}
