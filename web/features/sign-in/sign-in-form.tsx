import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRef, useState, type SubmitEvent } from 'react'
import { Button } from '@/components/ui/button.tsx'
import { ProblemNote } from '@/components/ui/problem.tsx'
import { api, type ResponseOf } from '@/lib/api.ts'
import { asProblem } from '@/lib/problem.ts'
import { session } from '@/lib/session.ts'
import { KeyField } from './key-field.tsx'

/** Takes a key and begins a session. What was typed stays when it is refused. */
export function SignInForm({ onSignedIn }: { readonly onSignedIn: (who: ResponseOf<'whoami'>) => void }) {
  const queries = useQueryClient()
  const [key, setKey] = useState('')
  const [missing, setMissing] = useState<string | null>(null)
  const field = useRef<HTMLInputElement>(null)
  const signIn = useMutation({
    mutationFn: (text: string) => api('createSession', { body: { key: text } }, { keepsSession: true }),
    onSuccess: ({ proof, whoami }) => {
      // What another caller was shown must not be seen by this one.
      queries.clear()
      session.begin(proof)
      queries.setQueryData(['whoami', {}], whoami)
      onSignedIn(whoami)
    },
    onError: () => field.current?.focus(),
  })
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    const text = key.trim()
    setMissing(text === '' ? 'Paste a key first.' : null)
    if (text === '') field.current?.focus()
    else if (!signIn.isPending) signIn.mutate(text)
  }
  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-4">
      <KeyField
        ref={field}
        value={key}
        error={missing}
        onChange={(text) => {
          setKey(text)
          setMissing(null)
        }}
      />
      {signIn.error !== null && <ProblemNote problem={asProblem(signIn.error)} />}
      <Button type="submit" variant="primary" size="lg" isBusy={signIn.isPending}>
        Sign in
      </Button>
    </form>
  )
}
