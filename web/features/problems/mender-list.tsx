import { Code, Send, ShieldCheck, Terminal, type LucideIcon } from 'lucide-react'
import { MENDERS, type Mender } from '#std/problem-guide.ts'

const ICONS: Readonly<Record<Mender, LucideIcon>> = { caller: Send, admin: ShieldCheck, operator: Terminal, author: Code }

/** Those who can mend a problem, the likeliest first. */
export function MenderList({ menders }: { readonly menders: readonly Mender[] }) {
  return (
    <ul className="flex flex-col gap-1.5 text-sm">
      {menders.map((mender) => {
        const Icon = ICONS[mender]
        return (
          <li key={mender} className="flex items-center gap-2">
            <Icon aria-hidden className="size-4 shrink-0 text-faint" /> {MENDERS[mender]}
          </li>
        )
      })}
    </ul>
  )
}
