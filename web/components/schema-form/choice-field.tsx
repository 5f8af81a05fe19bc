import { Radio } from '@base-ui/react/radio'
import { RadioGroup } from '@base-ui/react/radio-group'
import { Segmented, Checkbox } from '@/components/ui/toggle.tsx'
import { Select } from '@/components/ui/select.tsx'
import { inertLine } from '@/lib/inert.ts'
import { isSame } from './entries.ts'
import type { Choice } from './field-of.ts'
import { fieldId, useForm } from './form-context.ts'
import type { FrameProps } from './field-frame.tsx'

const RADIOS_MAX = 4
const LEFT_OUT = 'left-out'

interface ChoiceInputProps extends FrameProps {
  readonly choices: readonly Choice[]
}

/** One of the listed values: all of them in sight when they are few. */
export function ChoiceInput({ field, model, choices }: ChoiceInputProps) {
  const { id } = useForm()
  const index = choices.findIndex(({ value }) => isSame(value, field.value))
  const leftOut = model.initial === undefined ? 'Leave out' : `Leave out (${inertLine(JSON.stringify(model.initial), 40)})`
  const choose = (chosen: string): void => field.onChange(chosen === LEFT_OUT ? undefined : choices[Number(chosen)]?.value)
  const value = index < 0 ? LEFT_OUT : String(index)
  const labelledBy = `${fieldId(id, field.path)}-label`
  if (field.isRequired && choices.length === 1 && index === 0) {
    return <p className="text-sm text-soft">Always {choices[0]!.label}</p>
  }
  if (choices.length > RADIOS_MAX) {
    const options = [
      ...(field.isRequired ? (index < 0 ? [{ value: LEFT_OUT, label: 'Choose' }] : []) : [{ value: LEFT_OUT, label: leftOut }]),
      ...choices.map(({ label, hint }, at) => ({ value: String(at), label, ...(hint === undefined ? {} : { hint }) })),
    ]
    return <Select aria-label={inertLine(model.title ?? field.name, 80)} value={value} options={options} onChange={choose} />
  }
  return (
    <RadioGroup value={value} onValueChange={(next) => choose(next)} aria-labelledby={labelledBy} className="flex flex-col gap-1">
      {!field.isRequired && <Option value={LEFT_OUT} label={leftOut} isSoft />}
      {choices.map(({ label, hint }, at) => (
        <Option key={at} value={String(at)} label={label} hint={hint} />
      ))}
    </RadioGroup>
  )
}

function Option({
  value,
  label,
  hint,
  isSoft = false,
}: {
  readonly value: string
  readonly label: string
  readonly hint?: string | undefined
  readonly isSoft?: boolean
}) {
  return (
    <label className="inline-flex min-h-6 items-start gap-2 text-sm">
      <Radio.Root
        value={value}
        className="mt-0.5 grid size-4 shrink-0 place-items-center rounded-full border border-line-strong bg-surface data-checked:border-accent"
      >
        <Radio.Indicator className="size-2 rounded-full bg-accent" />
      </Radio.Root>
      <span className={isSoft ? 'text-soft' : undefined}>
        {label}
        {hint !== undefined && <span className="block text-xs text-faint">{hint}</span>}
      </span>
    </label>
  )
}

/** True, false or nothing: a switch could not say the third. */
export function BooleanInput({ field, model }: FrameProps) {
  const value = typeof field.value === 'boolean' ? String(field.value) : LEFT_OUT
  const options = [
    ...(field.isRequired
      ? []
      : [
          {
            value: LEFT_OUT,
            label: model.initial === undefined ? 'Leave out' : `Leave out (${inertLine(JSON.stringify(model.initial), 20)})`,
          },
        ]),
    { value: 'true', label: 'True' },
    { value: 'false', label: 'False' },
  ]
  return (
    <Segmented
      aria-label={inertLine(model.title ?? field.name, 80)}
      value={value}
      options={options}
      onChange={(next) => field.onChange(next === LEFT_OUT ? undefined : next === 'true')}
    />
  )
}

/** Several of the listed values, each at most once, in the order of the list. */
export function ChecksInput({ field, choices }: ChoiceInputProps) {
  const chosen: readonly unknown[] = Array.isArray(field.value) ? (field.value as unknown[]) : []
  const has = (choice: Choice): boolean => chosen.some((each) => isSame(each, choice.value))
  return (
    <div className="flex flex-wrap gap-x-5 gap-y-1.5 py-0.5">
      {choices.map((choice, at) => (
        <Checkbox
          key={at}
          isChecked={has(choice)}
          label={choice.label}
          onChange={(isChecked) =>
            field.onChange(choices.filter((each) => (each === choice ? isChecked : has(each))).map(({ value }) => value))
          }
        />
      ))}
    </div>
  )
}
