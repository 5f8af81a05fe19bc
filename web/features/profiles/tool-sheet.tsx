import { FlaskConical } from 'lucide-react'
import { useState, type SubmitEvent } from 'react'
import { JsonView } from '@/components/json-view.tsx'
import { Button } from '@/components/ui/button.tsx'
import { Sheet } from '@/components/ui/dialog.tsx'
import { Field, Input, Textarea } from '@/components/ui/field.tsx'
import { Facts } from '@/components/ui/layout.tsx'
import { ProblemNote } from '@/components/ui/problem.tsx'
import { Untrusted } from '@/components/ui/untrusted.tsx'
import { count } from '@/lib/format.ts'
import { hasHidden, inertLine } from '@/lib/inert.ts'
import { asProblem } from '@/lib/problem.ts'
import type { Profile } from './profile-model.ts'
import { type ProfileTool, toolNameFault } from './profile-tools.ts'
import { withOverride } from './tool-rules.ts'
import { TryLink } from './try-link.tsx'
import { useProfileChange } from './use-profile-change.ts'

interface ToolSheetProps {
  readonly profile: Profile
  readonly tool: ProfileTool | null
  readonly all: readonly ProfileTool[]
  readonly isReadOnly: boolean
  readonly onClose: () => void
}

/** One tool: its definition, and what this profile calls it. */
export function ToolSheet({ profile, tool, all, isReadOnly, onClose }: ToolSheetProps) {
  return (
    <Sheet
      isOpen={tool !== null}
      onClose={onClose}
      title={<span className="font-mono text-sm break-all">{tool === null ? '' : inertLine(tool.name, 140)}</span>}
      description={tool === null ? '' : tool.isOffered ? 'Offered by this profile' : 'Left out of this profile'}
      footer={
        tool?.isOffered === true && (
          <TryLink endpoint={profile.name} tool={tool.name} size="md">
            <FlaskConical /> Try in the Playground
          </TryLink>
        )
      }
    >
      {tool !== null && (
        <div className="flex flex-col gap-6">
          <Facts
            facts={[
              [
                'Server',
                <code key="server" className="font-mono text-xs">
                  {tool.server}
                </code>,
              ],
              [
                'Its own name',
                <code key="name" className="font-mono text-xs break-all">
                  {inertLine(tool.fullName, 200)}
                </code>,
              ],
              ['Size', `about ${count(tool.tokens)} tokens`],
              ...(tool.fixed.length > 0 ? ([['Fixed arguments', tool.fixed.map((each) => inertLine(each, 80)).join(', ')]] as const) : []),
            ]}
          />
          {isReadOnly ? (
            <p className="text-sm text-soft">
              <Untrusted text={tool.description} />
            </p>
          ) : (
            <OverrideForm key={tool.fullName} profile={profile} tool={tool} all={all} />
          )}
          <section>
            <h3 className="mb-2 text-sm font-semibold">Input schema</h3>
            <JsonView value={tool.inputSchema ?? null} label={`Input schema of ${inertLine(tool.name, 80)}`} />
          </section>
        </div>
      )}
    </Sheet>
  )
}

interface OverrideFormProps {
  readonly profile: Profile
  readonly tool: ProfileTool
  readonly all: readonly ProfileTool[]
}

function OverrideForm({ profile, tool, all }: OverrideFormProps) {
  const [name, setName] = useState(tool.isRenamed ? tool.name : '')
  const [description, setDescription] = useState(tool.isDescribed ? tool.description : '')
  const { save, isBusy, problem } = useOverride(profile.name)
  const others = all.filter((each) => each.isOffered && each.fullName !== tool.fullName).map((each) => each.name)
  const fault = toolNameFault(name.trim(), others)
  const isChanged = name.trim() !== (tool.isRenamed ? tool.name : '') || description !== (tool.isDescribed ? tool.description : '')
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    if (tool.key !== null && fault === null) void save(tool.key, { name: name.trim(), description: description.trim() })
  }
  if (tool.key === null) {
    return (
      <p className="text-sm text-soft">Its name is too long for clients. Offer it first: then it has a short form that can be renamed.</p>
    )
  }
  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-4">
      <Field label="Name in this profile" isOptional error={fault} hint="Empty: its own name.">
        <Input
          value={name}
          maxLength={200}
          placeholder={inertLine(tool.key, 140)}
          className="font-mono"
          onChange={(event) => setName(event.target.value)}
        />
      </Field>
      <Field
        label="Description in this profile"
        isOptional
        hint={
          hasHidden(description)
            ? `It holds characters that nobody sees: ${inertLine(description, 200)}`
            : 'What models read to decide when to call it. Empty: its own.'
        }
      >
        <Textarea
          value={description}
          rows={4}
          maxLength={2000}
          placeholder={inertLine(tool.ownDescription, 400)}
          onChange={(event) => setDescription(event.target.value)}
        />
      </Field>
      {problem !== null && <ProblemNote problem={asProblem(problem)} />}
      <div className="flex justify-end gap-2">
        {(tool.isRenamed || tool.isDescribed) && (
          <Button
            onClick={() => {
              setName('')
              setDescription('')
            }}
          >
            Clear both
          </Button>
        )}
        <Button type="submit" variant="primary" disabled={!isChanged || fault !== null} isBusy={isBusy}>
          Save tool
        </Button>
      </div>
    </form>
  )
}

/** Saves a name and a description; what was typed stays when it fails. */
function useOverride(profile: string) {
  const { changeAsync } = useProfileChange(profile)
  const [isBusy, setIsBusy] = useState(false)
  const [problem, setProblem] = useState<unknown>(null)
  const save = async (key: string, texts: { readonly name: string; readonly description: string }): Promise<void> => {
    if (isBusy) return
    setIsBusy(true)
    setProblem(null)
    try {
      await changeAsync({ make: ({ tools }) => ({ tools: withOverride(tools, key, texts) }), done: 'Tool saved', hasOwnNote: true })
    } catch (error) {
      setProblem(error)
    } finally {
      setIsBusy(false)
    }
  }
  return { save, isBusy, problem }
}
