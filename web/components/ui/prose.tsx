import { inert } from '@/lib/inert.ts'

/** A sentence of ours in which names and commands stand between backquotes. */
export function Prose({ text }: { readonly text: string }) {
  return inert(text)
    .split('`')
    .map((part, index) =>
      index % 2 === 1 ? (
        <code key={index} className="rounded-sm bg-hover px-1 py-px font-mono text-xs">
          {part}
        </code>
      ) : (
        part
      ),
    )
}
