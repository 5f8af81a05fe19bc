import type { ApiInput } from '@/lib/api.ts'
import type { Deployment } from './deployment-model.ts'

/** Settings as typed; lengths of time in seconds. */
export interface Settings {
  readonly title: string
  readonly description: string
  readonly access: Deployment['access']
  readonly headersMode: Deployment['headersMode']
  readonly deadline: string
  readonly startDeadline: string
}

const MS = 1_000
const SECONDS_MIN = 0.1

export const settingsOf = ({ title, description, access, headersMode, deadlineMs, startDeadlineMs }: Deployment): Settings => ({
  title,
  description,
  access,
  headersMode,
  deadline: String(deadlineMs / MS),
  startDeadline: String(startDeadlineMs / MS),
})

const seconds = (text: string): number => (text.trim() === '' ? Number.NaN : Number(text.replace(',', '.')))
const secondsFault = (text: string): string | null =>
  seconds(text) >= SECONDS_MIN && Number.isFinite(seconds(text)) ? null : 'Give a number of seconds, at least 0.1.'

/** What is wrong, by field. The greatest length is the server’s to know. */
export function settingsFaults(settings: Settings): Partial<Record<keyof Settings, string>> {
  const [deadline, startDeadline] = [secondsFault(settings.deadline), secondsFault(settings.startDeadline)]
  return {
    ...(settings.title.trim() === '' ? { title: 'Give it a title.' } : {}),
    ...(deadline === null ? {} : { deadline }),
    ...(startDeadline === null ? {} : { startDeadline }),
  }
}

/** What is different from what the server has; nothing else is sent. */
export function changesOf(deployment: Deployment, settings: Settings): ApiInput<'updateDeployment'>['body'] {
  const wanted = {
    title: settings.title.trim(),
    description: settings.description,
    access: settings.access,
    headersMode: settings.headersMode,
    deadlineMs: Math.round(seconds(settings.deadline) * MS),
    startDeadlineMs: Math.round(seconds(settings.startDeadline) * MS),
  }
  return Object.fromEntries(Object.entries(wanted).filter(([field, value]) => deployment[field as keyof typeof wanted] !== value))
}
