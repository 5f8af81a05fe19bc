import { styleText } from 'node:util'
import { VERSION } from './version.ts'

export interface BannerFacts {
  readonly publicUrl: string
  readonly dataDir: string
  /** Null when there is an owner already. */
  readonly ownerLink: string | null
  readonly warnings: readonly string[]
}

/** What a start shows: six lines that say where to go. */
export function bannerText({ publicUrl, dataDir, ownerLink, warnings }: BannerFacts): string {
  const line = (label: string, text: string): string => `  ${styleText('dim', label.padEnd(9))} ${text}\n`
  return (
    `\n  ${styleText('bold', 'Sallyport')} ${VERSION}\n\n` +
    line('Console', `${publicUrl}/app/`) +
    line('MCP', `${publicUrl}/mcp`) +
    line('API', `${publicUrl}/docs`) +
    line('Data', dataDir) +
    (ownerLink === null
      ? line('Owner', 'known; `sallyport owner link` prints a new link')
      : line('Owner', `${styleText('bold', ownerLink)} (once, 30 minutes)`)) +
    warnings.map((warning) => line('Note', styleText('yellow', warning))).join('') +
    '\n'
  )
}
