import { Dialog as BaseDialog } from '@base-ui/react/dialog'
import { X } from 'lucide-react'
import { type ReactNode, useCallback, useEffect, useRef, useState } from 'react'
import type { ProblemDocument } from '@/lib/problem.ts'
import { cn } from '@/lib/cn.ts'
import { Button } from './button.tsx'
import { Field, Input } from './field.tsx'
import { ProblemNote } from './problem.tsx'

interface DialogProps {
  readonly isOpen: boolean
  readonly onClose: () => void
  readonly title: ReactNode
  readonly description?: ReactNode
  /** Buttons, right-aligned; the main one last. */
  readonly footer?: ReactNode
  readonly className?: string
  readonly children?: ReactNode
}

const POPUP = 'fixed z-50 flex flex-col border bg-surface shadow-float outline-none'

/** A short question or a small form in the middle. Whatever needs reading or comparing is a `Sheet`. */
export function Dialog({ className, ...props }: DialogProps) {
  return (
    <Shell
      {...props}
      className={cn(
        'popup-motion top-[10vh] left-1/2 max-h-[80vh] w-[min(32rem,calc(100vw-2rem))] -translate-x-1/2 rounded-lg data-starting-style:-translate-x-1/2 data-ending-style:-translate-x-1/2',
        className,
      )}
    />
  )
}

/** A panel from the right: details beside the list they belong to. */
export function Sheet({ className, ...props }: DialogProps) {
  return (
    <Shell
      {...props}
      className={cn(
        'inset-y-0 right-0 w-[min(40rem,100%)] border-y-0 border-r-0 transition-transform duration-150 ease-out data-ending-style:translate-x-4 data-ending-style:opacity-0 data-starting-style:translate-x-4 data-starting-style:opacity-0',
        className,
      )}
    />
  )
}

/** What one may type into; the hidden inputs of switches and selects are not meant. */
const FIELD = 'input:not([type="hidden"],[aria-hidden="true"],[tabindex="-1"]),textarea'

function Shell({ isOpen, onClose, title, description, footer, className, children }: DialogProps) {
  const popup = useRef<HTMLDivElement>(null)
  const body = useRef<HTMLDivElement>(null)
  const giveFocusBack = useFocusBack(isOpen)
  return (
    <BaseDialog.Root open={isOpen} onOpenChange={(open) => !open && onClose()} onOpenChangeComplete={(open) => !open && giveFocusBack()}>
      <BaseDialog.Portal>
        <BaseDialog.Backdrop
          forceRender
          className="fixed inset-0 z-50 bg-veil transition-opacity duration-150 data-ending-style:opacity-0 data-starting-style:opacity-0"
        />
        <BaseDialog.Popup
          ref={popup}
          // A form begins in its first field, all else with its title; on touch a field would open the keyboard.
          initialFocus={(by) => (by === 'touch' ? null : body.current?.querySelector<HTMLElement>(FIELD)) ?? popup.current}
          className={cn(POPUP, className)}
        >
          <header className="flex items-start gap-4 border-b px-5 py-3.5">
            <div className="min-w-0 grow">
              <BaseDialog.Title className="text-lg font-semibold break-words">{title}</BaseDialog.Title>
              {description !== undefined && (
                <BaseDialog.Description render={<div />} className="mt-0.5 text-sm text-soft">
                  {description}
                </BaseDialog.Description>
              )}
            </div>
            <BaseDialog.Close render={<Button variant="ghost" size="icon" aria-label="Close" className="-my-1 -mr-2" />}>
              <X />
            </BaseDialog.Close>
          </header>
          <div ref={body} className="min-h-0 grow overflow-y-auto px-5 py-4">
            {children}
          </div>
          {footer !== undefined && <footer className="flex flex-wrap justify-end gap-2 border-t px-5 py-3">{footer}</footer>}
        </BaseDialog.Popup>
      </BaseDialog.Portal>
    </BaseDialog.Root>
  )
}

/** What had the focus gets it back: when the dialog has closed, and when it went with its page or address at once. */
function useFocusBack(isOpen: boolean): () => void {
  // Taken while drawing, because afterwards the focus is in the dialog already.
  const [opening, setOpening] = useState(() => ({ isOpen, opener: isOpen ? document.activeElement : null }))
  if (opening.isOpen !== isOpen) setOpening({ isOpen, opener: isOpen ? document.activeElement : opening.opener })
  const { opener } = opening
  const giveBack = useCallback(() => {
    // Only when the dialog is out of the page is it known whether the focus went with it.
    window.setTimeout(() => {
      const isLost = document.activeElement === document.body || document.activeElement === null
      if (isLost && opener instanceof HTMLElement && opener.isConnected) opener.focus()
    })
  }, [opener])
  useEffect(() => giveBack, [giveBack])
  return giveBack
}

interface ConfirmProps {
  readonly isOpen: boolean
  readonly onClose: () => void
  readonly title: string
  /** What will happen and what cannot be undone. */
  readonly children: ReactNode
  readonly action: string
  /** When given it must be typed first. */
  readonly name?: string
  readonly isBusy?: boolean
  readonly problem?: ProblemDocument | null
  readonly onConfirm: () => void
}

/** Asks before something is destroyed. */
export function ConfirmDialog({ isOpen, onClose, title, children, action, name, isBusy = false, problem = null, onConfirm }: ConfirmProps) {
  const [typed, setTyped] = useState('')
  const mayGoOn = name === undefined || typed === name
  const close = (): void => {
    // What was typed for one thing must not confirm the next.
    setTyped('')
    onClose()
  }
  return (
    <Dialog
      isOpen={isOpen}
      onClose={close}
      title={title}
      footer={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button variant="danger" disabled={!mayGoOn} isBusy={isBusy} onClick={onConfirm}>
            {action}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4 text-sm">
        <div>{children}</div>
        {name !== undefined && (
          <Field
            label={
              <>
                Type <code className="font-mono">{name}</code> to confirm
              </>
            }
          >
            <Input value={typed} onChange={(event) => setTyped(event.target.value)} className="font-mono" autoFocus />
          </Field>
        )}
        {problem !== null && <ProblemNote problem={problem} />}
      </div>
    </Dialog>
  )
}
