import { revisionOf } from '#protocol/index.ts'
import { LIMITS, Problem } from '#std/index.ts'
import type { UpstreamRequest } from '../model.ts'
import { interactiveCapabilities } from '../process/declared-input.ts'
import type { LegacySession } from './legacy-session.ts'
import type { Link } from './link.ts'
import { openSession, type SessionWishes } from './open-session.ts'
import { EraDoubt } from './peer.ts'
import { isTransient } from './transient-problem.ts'
import { within } from './within.ts'

export interface SessionPoolOptions {
  readonly link: Link
  /** The one for lists and notifications, which is open already. */
  readonly base: LegacySession
  /** The base session has ended and there is a new one. */
  readonly onRenewed: () => void
}

/**
 * The sessions at one server: one per client and set of capabilities, so that nothing that a server keeps for one client
 * reaches another (R12), and the base session of nobody. Those that nobody uses grow old and are ended.
 */
export class SessionPool {
  readonly base: SessionSlot
  readonly #link: Link
  /** The one used last stands last. */
  readonly #slots = new Map<string, SessionSlot>()
  readonly #transport: NonNullable<SessionWishes['transport']>
  #sweep: NodeJS.Timeout | null = null
  #isRetired = false

  constructor({ link, base, onRenewed }: SessionPoolOptions) {
    this.#link = link
    this.#transport = base.carrier.hasOneStream ? 'events' : 'streamable'
    const wishes = { declared: {}, isShared: true, transport: this.#transport }
    this.base = new SessionSlot('', link, wishes, base, onRenewed)
  }

  /** The place of the session for a request, which is in use until `leave`. Throws `overloaded` when all are. */
  take({ principal, clientCapabilities }: UpstreamRequest): SessionSlot {
    const slot = principal === undefined ? this.base : this.#slotOf(principal, clientCapabilities)
    slot.uses++
    return slot
  }

  leave(slot: SessionSlot): void {
    slot.uses--
    slot.usedAtMs = this.#link.now()
    if (slot.uses === 0 && this.#isRetired) this.#drop(slot)
  }

  /** Ends sessions as soon as nobody uses them; there are no new ones after. */
  retire(): void {
    this.#isRetired = true
    for (const slot of [this.base, ...this.#slots.values()]) if (slot.uses === 0) this.#drop(slot)
  }

  async close(): Promise<void> {
    this.#isRetired = true
    this.#stopSweep()
    await Promise.all([this.base, ...this.#slots.values()].map((slot) => slot.end()))
  }

  #slotOf(principal: string, capabilities: UpstreamRequest['clientCapabilities']): SessionSlot {
    const current = this.base.current
    // Few different sets exist, as the revision of the server writes them, however clients spell theirs.
    const declared = revisionOf(current.info.protocolVersion).encodeClientCapabilities(interactiveCapabilities(capabilities) ?? {})
    // A server that knows no sessions keeps nothing for anybody: the handshake would be repeated for nothing.
    if (!current.carrier.hasSession && Object.keys(declared).length === 0) return this.base
    const key = JSON.stringify([principal, declared])
    const found = this.#slots.get(key)
    const slot = found ?? new SessionSlot(key, this.#link, { declared, isShared: false, transport: this.#transport }, null, () => undefined)
    if (found === undefined) this.#makeRoom()
    this.#slots.delete(key)
    this.#slots.set(key, slot)
    this.#sweep ??= setInterval(() => this.#dropOld(), LIMITS.upstreamSweepMs).unref()
    return slot
  }

  #makeRoom(): void {
    if (this.#slots.size < LIMITS.upstreamSessionsMax) return
    for (const slot of this.#slots.values()) if (slot.uses === 0) return this.#drop(slot)
    throw new Problem('overloaded', `${this.#slots.size} clients have calls under way at ${this.#link.name}, the most that may.`, {
      remedy: 'Try again in a moment.',
    })
  }

  #dropOld(): void {
    const longAgoMs = this.#link.now() - LIMITS.upstreamSessionIdleMs
    for (const slot of this.#slots.values()) if (slot.uses === 0 && slot.usedAtMs <= longAgoMs) this.#drop(slot)
    if (this.#slots.size === 0) this.#stopSweep()
  }

  #drop(slot: SessionSlot): void {
    this.#slots.delete(slot.key)
    // Nothing is left to do where it cannot be ended: the server forgets it by itself.
    slot.end().catch(() => undefined)
  }

  #stopSweep(): void {
    if (this.#sweep !== null) clearInterval(this.#sweep)
    this.#sweep = null
  }
}

/** One session and the one that follows it when it ends. */
export class SessionSlot {
  readonly key: string
  uses = 0
  usedAtMs = 0
  readonly #link: Link
  readonly #wishes: SessionWishes
  readonly #onRenewed: () => void
  #session: LegacySession | null
  #opening: Promise<LegacySession> | null = null

  constructor(key: string, link: Link, wishes: SessionWishes, session: LegacySession | null, onRenewed: () => void) {
    this.key = key
    this.#link = link
    this.#wishes = wishes
    this.#session = session
    this.#onRenewed = onRenewed
  }

  /** The session as it was last. */
  get current(): LegacySession {
    if (this.#session === null) throw new Error('the session has never been open')
    return this.#session
  }

  /**
   * The session, opened when there is none or it is `lost`: once, however many ask (2025-11-25, session management). Rejects
   * with `upstream-timeout` when that takes too long for this one, and with `EraDoubt` when the server does no handshake.
   */
  async session(deadlineAtMs: number, lost: LegacySession | null = null): Promise<LegacySession> {
    const { name, now } = this.#link
    if (this.#session !== null && this.#session !== lost && !this.#session.carrier.isLost) return this.#session
    const deadlineMs = deadlineAtMs - now()
    this.#opening ??= this.#open(Math.max(deadlineMs, LIMITS.listDeadlineMsDefault)).finally(() => {
      this.#opening = null
    })
    return within(this.#opening, deadlineMs, name)
  }

  async end(): Promise<void> {
    // One that is still being opened is ended as soon as it is there; nobody waits for that.
    this.#opening?.then(
      (session) => session.end(),
      () => undefined,
    )
    await this.#session?.end()
  }

  async #open(deadlineMs: number): Promise<LegacySession> {
    const before = this.#session
    try {
      this.#session = await openSession(this.#link, this.#wishes, deadlineMs)
      before?.abandon()
      if (before !== null) this.#onRenewed()
      return this.#session
    } catch (error) {
      // No handshake any more: the server may speak the newer era by now.
      throw error instanceof Problem && !isTransient(error) ? new EraDoubt(error) : error
    }
  }
}
