import { useState } from 'react'
import { Dialog } from '@/components/ui/dialog.tsx'
import { Kbd } from '@/components/ui/layout.tsx'
import { Switch } from '@/components/ui/toggle.tsx'
import { areLettersOn, SHORTCUTS, turnLetters } from './keyboard.ts'

/** Every shortcut, and the switch for those who do not want single letters to act. */
export function ShortcutsDialog({ onClose }: { readonly onClose: () => void }) {
  const [isOn, setIsOn] = useState(areLettersOn)
  return (
    <Dialog isOpen onClose={onClose} title="Keyboard shortcuts" className="w-[min(44rem,calc(100vw-2rem))]">
      <div className="grid gap-x-10 gap-y-6 sm:grid-cols-2">
        {SHORTCUTS.map(({ title, rows }) => (
          <section key={title}>
            <h3 className="mb-1.5 text-xs font-medium text-faint">{title}</h3>
            <dl className="flex flex-col">
              {rows.map(([label, ...keys]) => (
                <div key={label} className="flex min-h-8 items-center justify-between gap-4 border-b py-1 text-sm last:border-b-0">
                  <dt>{label}</dt>
                  <dd className="flex shrink-0 gap-1">
                    {keys.map((key) => (
                      <Kbd key={key}>{key}</Kbd>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <div className="mt-5 border-t pt-4">
        <Switch
          isChecked={isOn}
          onChange={(next) => {
            turnLetters(next)
            setIsOn(next)
          }}
          label="Single keys act (G, / and ?)"
        />
      </div>
    </Dialog>
  )
}
