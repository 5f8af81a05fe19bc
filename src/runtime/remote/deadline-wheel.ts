const TICK_MS = 20
const SLOTS = 2048

/** Something that must end at a moment. Lists hold it through its own links: a deadline costs no object of its own. */
export abstract class Deadline {
  next: Deadline | null = null
  previous: Deadline | null = null
  slot = -1
  dueTick = 0
  /** Must bear being called after the deadline has lost its meaning. */
  abstract expire(): void
}

/**
 * One coarse timer for all deadlines: setting and clearing one is a few writes, where a timer per call would be an
 * object and two list operations of the event loop. A deadline fires at most two ticks (40 ms) late, never early.
 * It keeps no process alive: what waits has a socket that does.
 */
export class DeadlineWheel {
  readonly #slots: (Deadline | null)[] = Array.from({ length: SLOTS }, () => null)
  readonly #nowMs: () => number
  #count = 0
  #tick = 0
  #timer: NodeJS.Timeout | null = null

  /** `nowMs` must never go back: a clock that somebody sets would end calls. */
  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs
  }

  /** Sets or moves a deadline. */
  set(deadline: Deadline, ms: number): void {
    this.clear(deadline)
    const nowMs = this.#nowMs()
    if (this.#timer === null) {
      this.#tick = Math.floor(nowMs / TICK_MS)
      this.#timer = setInterval(() => this.#turn(), TICK_MS).unref()
    }
    deadline.dueTick = Math.max(this.#tick, Math.floor((nowMs + Math.max(0, ms)) / TICK_MS)) + 1
    const slot = deadline.dueTick % SLOTS
    const head = this.#slots[slot]!
    deadline.slot = slot
    deadline.next = head
    deadline.previous = null
    if (head !== null) head.previous = deadline
    this.#slots[slot] = deadline
    this.#count++
  }

  clear(deadline: Deadline): void {
    if (deadline.slot === -1) return
    if (deadline.previous === null) this.#slots[deadline.slot] = deadline.next
    else deadline.previous.next = deadline.next
    if (deadline.next !== null) deadline.next.previous = deadline.previous
    deadline.slot = -1
    deadline.next = null
    deadline.previous = null
    this.#count--
  }

  #turn(): void {
    const until = Math.floor(this.#nowMs() / TICK_MS)
    // After a long stall one round through all slots sees everything that is due.
    const from = Math.max(this.#tick + 1, until - SLOTS + 1)
    this.#tick = until
    for (let tick = from; tick <= until; tick++) this.#expireSlot(tick % SLOTS, until)
    if (this.#count > 0 || this.#timer === null) return
    clearInterval(this.#timer)
    this.#timer = null
  }

  #expireSlot(slot: number, until: number): void {
    const due: Deadline[] = []
    let entry: Deadline | null = this.#slots[slot] ?? null
    while (entry !== null) {
      const next: Deadline | null = entry.next
      if (entry.dueTick <= until) {
        this.clear(entry)
        due.push(entry)
      }
      entry = next
    }
    // One that was set again by the end of another is no longer due.
    for (const expired of due) if (expired.slot === -1) expired.expire()
  }
}

/** The wheel of this process. */
export const deadlines = new DeadlineWheel()
