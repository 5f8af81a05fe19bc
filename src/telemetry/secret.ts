import { inspect } from 'node:util'

const SHOWN = '[secret]'

/** A text that shows itself to nobody who does not ask by name: not in logs, JSON, templates or the debugger. */
export class Secret {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  reveal(): string {
    return this.#text
  }

  toString(): string {
    return SHOWN
  }

  toJSON(): string {
    return SHOWN
  }

  [inspect.custom](): string {
    return SHOWN
  }
}
