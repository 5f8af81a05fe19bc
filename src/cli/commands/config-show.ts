import type { ResponseOf } from '#api/contract.ts'
import { SETTINGS, type LoadedSettings } from '#config.ts'
import type { Cli } from '../cli.ts'
import type { Run } from '../command.ts'
import type { ChosenServer } from '../choose-server.ts'
import { EXIT, Failure } from '../failure.ts'
import { printJson } from '../print-json.ts'
import { renderTable } from '../table.ts'

type SettingPage = ResponseOf<'listSettings'>

/** The settings of the running server; without one, those that a server started here would have. */
export const showConfig: Run<{ json: boolean }> = async ({ flags }, cli) => {
  const found = await settingPage(cli)
  if (flags.json) return printJson(cli.terminal, found)
  cli.terminal.out(
    renderTable(
      cli.terminal,
      [
        { title: 'SETTING', value: (row) => row.env },
        { title: 'FLAG', value: (row) => (row.flag === null ? '' : `--${row.flag}`) },
        { title: 'VALUE', value: shownValue },
        { title: 'FROM', value: (row) => row.origin },
        { title: 'MEANING', value: (row) => row.doc, isFlexible: true, style: () => 'dim' },
      ],
      found.items,
    ),
  )
}

async function settingPage(cli: Cli): Promise<SettingPage> {
  let urlFrom: ChosenServer['urlFrom'] | undefined
  try {
    urlFrom = (await cli.server()).urlFrom
    return await (await cli.api()).call('listSettings')
  } catch (error) {
    // A server that was named and is away is an error; one on this machine that does not run, or is another's, is not.
    if (!(error instanceof Failure) || urlFrom === '--url' || urlFrom === 'SALLYPORT_URL' || urlFrom === 'login') throw error
    if (error.exit !== EXIT.unreachable && urlFrom !== 'settings') throw error
    cli.terminal.say('No server runs here: these are the settings that one would start with.')
    return describeSettings(await cli.settings())
  }
}

function describeSettings({ settings, origins }: LoadedSettings): SettingPage {
  const items = Object.entries(SETTINGS).map(([name, row]) => {
    const value = settings[name as keyof typeof settings]
    const isSecret = 'isSecret' in row
    return {
      name,
      env: row.env,
      flag: 'flag' in row ? row.flag : null,
      origin: origins[name as keyof typeof origins],
      isSecret,
      isSet: value !== undefined,
      value: isSecret ? null : (value ?? null),
      doc: row.doc,
    }
  })
  return { items, nextCursor: null }
}

function shownValue(row: SettingPage['items'][number]): string {
  if (row.isSecret) return row.isSet ? '(secret)' : '-'
  if (row.value === null || row.value === undefined || (Array.isArray(row.value) && row.value.length === 0)) return '-'
  return typeof row.value === 'string' ? row.value : JSON.stringify(row.value)
}
