import { ArrowDown, ArrowUp, Plus, X } from 'lucide-react'
import { useState } from 'react'
import { Button } from '@/components/ui/button.tsx'
import { inertLine } from '@/lib/inert.ts'
import { moved, pointerStep, withItem, withoutItem } from './entries.ts'
import { FieldAction } from './field-frame.tsx'
import { useForm, type FieldProps } from './form-context.ts'
import type { ListField } from './field-of.ts'
import { initialValue } from './initial-value.ts'

const SHOWN_STEP = 50

interface ListInputProps {
  readonly field: FieldProps
  readonly way: ListField
}

/** Items one under the other: added at the end, moved, removed. */
export function ListInput({ field, way }: ListInputProps) {
  const { root, Field } = useForm()
  const [shownMax, setShownMax] = useState(SHOWN_STEP)
  const items = field.value as readonly unknown[]
  const { onChange, path, depth, name } = field
  const shown = inertLine(name, 60)
  const places = way.prefix.length
  const next = items.length < places ? way.prefix[items.length] : way.rest
  const mayAdd = next !== null && items.length < way.itemsMax
  return (
    <div className="flex flex-col gap-2">
      {items.slice(0, shownMax).map((item, index) => (
        <div key={index} className="flex items-start gap-1">
          <div className="min-w-0 grow">
            <Field
              schema={index < places ? way.prefix[index] : (way.rest ?? true)}
              value={item}
              // A list has no gaps: an item that is emptied becomes the empty text, one of another kind null.
              onChange={(value) => onChange(withItem(items, index, value ?? (typeof item === 'string' ? '' : null)))}
              path={path + pointerStep(index)}
              name={`${shown} ${index + 1}`}
              isRequired
              depth={depth + 1}
            />
          </div>
          <div className="flex shrink-0">
            {index >= places && index > places && (
              <FieldAction label={`Move ${shown} ${index + 1} up`} onClick={() => onChange(moved(items, index, -1))}>
                <ArrowUp />
              </FieldAction>
            )}
            {index >= places && index < items.length - 1 && (
              <FieldAction label={`Move ${shown} ${index + 1} down`} onClick={() => onChange(moved(items, index, 1))}>
                <ArrowDown />
              </FieldAction>
            )}
            <FieldAction label={`Remove ${shown} ${index + 1}`} onClick={() => onChange(withoutItem(items, index))}>
              <X />
            </FieldAction>
          </div>
        </div>
      ))}
      {items.length === 0 && <p className="text-sm text-faint">The list is empty.</p>}
      <div className="flex flex-wrap gap-2">
        {items.length > shownMax && (
          <Button size="sm" onClick={() => setShownMax(shownMax + SHOWN_STEP)}>
            Show more ({items.length - shownMax} left)
          </Button>
        )}
        {mayAdd && (
          <Button
            size="sm"
            onClick={() => (setShownMax(Math.max(shownMax, items.length + 1)), onChange([...items, itemOf(next, root, depth)]))}
          >
            <Plus /> Add item
          </Button>
        )}
      </div>
    </div>
  )
}

function itemOf(schema: unknown, root: unknown, depth: number): unknown {
  const initial = initialValue(schema, root, depth + 1)
  if (initial !== undefined) return initial
  const type = typeof schema === 'object' && schema !== null ? (schema as { readonly type?: unknown }).type : undefined
  return type === 'string' ? '' : null
}
