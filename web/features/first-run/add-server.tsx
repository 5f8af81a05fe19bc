import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState, type SubmitEvent } from 'react'
import { Button, buttonClass } from '@/components/ui/button.tsx'
import { Field, Textarea } from '@/components/ui/field.tsx'
import { ProblemNote } from '@/components/ui/problem.tsx'
import { toastDone } from '@/components/ui/toast.tsx'
import { whatRuns } from '@/features/deployments/deployment-model.ts'
import { api, type ResponseOf } from '@/lib/api.ts'
import { inert, inertLine } from '@/lib/inert.ts'
import { asProblem } from '@/lib/problem.ts'
import { useAct } from '@/lib/queries.ts'

type Proposal = ResponseOf<'parseDeployments'>['proposals'][number]

const EXAMPLE = 'npx -y @modelcontextprotocol/server-everything'
const TEXT_LENGTH_MAX = 262_144

/** One field for an address, a command line or a client's JSON; shows what it would start, then adds it. */
export function AddServer() {
  const [text, setText] = useState('')
  const parse = useAct('parseDeployments')
  const proposals = parse.data?.proposals ?? null
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    if (text.trim() !== '' && !parse.isPending) parse.mutate({ body: { text } })
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <Field label="Address, command or JSON" hint="Nothing starts before you have seen and approved it.">
        <Textarea
          value={text}
          rows={3}
          maxLength={TEXT_LENGTH_MAX}
          placeholder={EXAMPLE}
          className="font-mono text-xs"
          onChange={(event) => {
            setText(event.target.value)
            parse.reset()
          }}
        />
      </Field>
      {parse.error !== null && <ProblemNote problem={asProblem(parse.error)} />}
      {proposals === null ? (
        <Button type="submit" disabled={text.trim() === ''} isBusy={parse.isPending} className="self-start">
          Check it
        </Button>
      ) : (
        proposals.map((proposal) => <ProposalCard key={proposal.definition.name} proposal={proposal} />)
      )}
    </form>
  )
}

function ProposalCard({ proposal: { definition, inputs, warnings } }: { readonly proposal: Proposal }) {
  const add = useAddServer()
  const isProcess = definition.spec.kind === 'process'
  return (
    <div className="flex flex-col gap-2.5 rounded-md border p-3 text-sm">
      <p className="font-semibold">{inertLine(definition.name, 80)}</p>
      <WhatIsAdded spec={definition.spec} />
      {warnings.map((warning) => (
        <p key={warning} className="text-warn">
          {inertLine(warning, 400)}
        </p>
      ))}
      {add.error !== null && <ProblemNote problem={asProblem(add.error)} />}
      {inputs.length > 0 ? (
        <>
          <p className="text-soft">
            It asks for {inputs.map(({ id }) => inertLine(id, 60)).join(', ')}. Deployments has the form for that.
          </p>
          <Link to="/app/deployments" search={{ add: 1 }} className={buttonClass({ className: 'self-start' })}>
            Add it in Deployments
          </Link>
        </>
      ) : (
        <Button variant="primary" isBusy={add.isPending} className="self-start" onClick={() => add.mutate(definition)}>
          {isProcess ? 'Approve and add' : 'Add server'}
        </Button>
      )}
    </div>
  )
}

/** All that an approval covers: the line, and what it may see and reach. */
function WhatIsAdded({ spec }: { readonly spec: Proposal['definition']['spec'] }) {
  const isProcess = spec.kind === 'process'
  const kind = !isProcess
    ? 'Is called over the network'
    : spec.isolation === 'none'
      ? 'Runs on this machine, without a sandbox'
      : 'Runs on this machine, in a sandbox'
  const parts: readonly (readonly [string, readonly string[]])[] = isProcess
    ? [
        ['Variables', Object.keys(spec.env)],
        ['Files', spec.files.map(({ path, mode }) => `${path} (${mode === 'rw' ? 'read and write' : 'read'})`)],
        ['Network', spec.egress],
        ['Folder', spec.cwd === null ? [] : [spec.cwd]],
      ]
    : [['Headers', Object.keys(spec.headers)]]
  return (
    <div>
      <p className="text-xs text-faint">{kind}</p>
      <code className="mt-0.5 block max-h-32 overflow-y-auto font-mono text-xs break-all">{inert(whatRuns(spec))}</code>
      {parts
        .filter(([, values]) => values.length > 0)
        .map(([label, values]) => (
          <p key={label} className="mt-1 text-xs break-all text-soft">
            {label}: <span className="font-mono">{inert(values.join(', '))}</span>
          </p>
        ))}
    </div>
  )
}

/** Adds the server and approves exactly what was shown; then it is what this first run connects. */
function useAddServer() {
  const queries = useQueryClient()
  const navigate = useNavigate()
  return useMutation({
    mutationFn: async (definition: Proposal['definition']) => {
      const { name, digest, isApproved } = await api('createDeployment', { body: definition })
      if (!isApproved) await api('approveDeployment', { params: { name }, body: { digest } })
      return name
    },
    onSuccess: async (name) => {
      await queries.invalidateQueries()
      toastDone(`Added ${name}`)
      await navigate({ to: '/app/first-run', search: { step: 1, endpoint: name } })
    },
  })
}
