import type { LoadedSettings } from '#config.ts'
import type { ApiClient } from './api-client.ts'
import type { CommandTable } from './command.ts'
import type { Dialogue } from './dialogue.ts'
import type { Program } from './program.ts'
import type { ChosenServer } from './choose-server.ts'
import type { Terminal } from './terminal.ts'

/** What every command gets. Everything that costs time is made when first asked for. */
export interface Cli {
  readonly program: Program
  readonly terminal: Terminal
  readonly dialogue: Dialogue
  /** Flags that the user gave, by name, for the settings. */
  readonly given: Readonly<Record<string, string>>
  /** The whole table, for what is made from it. */
  readonly commands: CommandTable
  readonly settings: () => Promise<LoadedSettings>
  readonly server: () => Promise<ChosenServer>
  readonly api: () => Promise<ApiClient>
}
