import type { ResponseOf } from '#api/contract.ts'

export type Setting = ResponseOf<'listSettings'>['items'][number]

export const ORIGINS: Readonly<Record<Setting['origin'], string>> = {
  flag: 'Flag',
  environment: 'Environment',
  file: 'Declared file',
  default: 'Default',
}

/** A value as it is written in the environment; null: there is none, or it is not shown. */
export function valueText({ value, isSecret }: Pick<Setting, 'value' | 'isSecret'>): string | null {
  if (isSecret || value === null || value === undefined || value === '') return null
  if (Array.isArray(value)) return value.length === 0 ? null : value.map(String).join(',')
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** Those that somebody changed first, each part by name; those that hold every word. */
export function arrangeSettings(settings: readonly Setting[], q: string): readonly Setting[] {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean)
  const isDefault = ({ origin }: Setting): number => Number(origin === 'default')
  return settings
    .filter((setting) => {
      const text = [setting.name, setting.env, setting.flag ?? '', setting.doc, ORIGINS[setting.origin]].join(' ').toLowerCase()
      return words.every((word) => text.includes(word))
    })
    .toSorted((a, b) => isDefault(a) - isDefault(b) || a.name.localeCompare(b.name))
}
