import { Toast as BaseToast } from '@base-ui/react/toast'
import { CircleAlert, CircleCheck, X } from 'lucide-react'
import { asProblem } from '@/lib/problem.ts'
import { inert } from '@/lib/inert.ts'
import { Button } from './button.tsx'
import { Remedy } from './problem.tsx'

const toasts = BaseToast.createToastManager()
const REMEDY = 'remedy'

/** Something was done: `toastDone('Key revoked')`. */
export function toastDone(title: string, detail?: string): void {
  toasts.add({ title, type: 'done', ...(detail === undefined ? {} : { description: inert(detail) }) })
}

/** Something could not be done; stays until it is closed. */
export function toastProblem(error: unknown): void {
  const { title, detail, remedy } = asProblem(error)
  toasts.add({ title, description: inert(detail), type: 'problem', timeout: 0, data: { [REMEDY]: remedy ?? null } })
}

/** Stands once, at the root. On the left, because sheets with their buttons come from the right. */
export function Toasts() {
  return (
    <BaseToast.Provider toastManager={toasts} limit={4}>
      <BaseToast.Portal>
        <BaseToast.Viewport className="fixed bottom-4 left-4 z-70 flex w-[min(24rem,calc(100vw-2rem))] flex-col gap-2 lg:left-[15.5rem]">
          <ToastList />
        </BaseToast.Viewport>
      </BaseToast.Portal>
    </BaseToast.Provider>
  )
}

function ToastList() {
  const { toasts: shown } = BaseToast.useToastManager<Record<string, string | null>>()
  return shown.map((toast) => (
    <BaseToast.Root
      key={toast.id}
      toast={toast}
      className="popup-motion flex gap-2.5 rounded-lg border bg-surface px-3.5 py-3 text-sm shadow-float"
    >
      {toast.type === 'problem' ? (
        <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-bad" />
      ) : (
        <CircleCheck aria-hidden className="mt-0.5 size-4 shrink-0 text-ok" />
      )}
      {/* A high priority would hide the buttons from assistive technology until they have the focus. */}
      <div role={toast.type === 'problem' ? 'alert' : undefined} className="min-w-0 grow">
        <BaseToast.Title className="font-medium" />
        <BaseToast.Description className="break-words text-soft" />
        {typeof toast.data?.[REMEDY] === 'string' && <Remedy text={toast.data[REMEDY]} className="mt-1" />}
      </div>
      <BaseToast.Close render={<Button variant="ghost" size="icon" aria-label="Dismiss" className="-mt-1 -mr-1.5 size-6" />}>
        <X />
      </BaseToast.Close>
    </BaseToast.Root>
  ))
}
