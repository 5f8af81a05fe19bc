import { AudioLines, FileText, ImageOff, Link2, TriangleAlert } from 'lucide-react'
import { useMemo, useState, type ReactNode } from 'react'
import { JsonView } from '@/components/json-view.tsx'
import { Button } from '@/components/ui/button.tsx'
import { CopyButton } from '@/components/ui/copy.tsx'
import { Untrusted } from '@/components/ui/untrusted.tsx'
import { bytes } from '@/lib/format.ts'
import { hasHidden, inertLine } from '@/lib/inert.ts'
import { isRecord, type Fields } from '@/lib/mcp-request.ts'
import { jsonIn, shownResult } from './content-blocks.ts'
import { pictureOf } from './image-size.ts'

const BLOCKS_STEP = 20
const TEXT_LENGTH_MAX = 6_000

/** The result of a tool. Nothing in it is followed, loaded or run. */
export function ResultContent({ result }: { readonly result: Fields }) {
  const [shownMax, setShownMax] = useState(BLOCKS_STEP)
  const { blocks, structured, isRepeated } = useMemo(() => shownResult(result), [result])
  if (blocks.length === 0 && structured === undefined) return <p className="text-sm text-faint">The tool answered with nothing.</p>
  return (
    <div className="flex flex-col gap-3">
      {blocks.slice(0, shownMax).map((block, index) => (
        <Block key={index} block={block} />
      ))}
      {blocks.length > shownMax && (
        <Button size="sm" className="self-start" onClick={() => setShownMax(shownMax + BLOCKS_STEP)}>
          Show more parts ({blocks.length - shownMax} left)
        </Button>
      )}
      {structured !== undefined && (
        <Frame label={isRepeated ? 'Structured content; the text says the same' : 'Structured content'}>
          <JsonView label="Structured content" value={structured} />
        </Frame>
      )}
    </div>
  )
}

function Frame({ label, copy, children }: { readonly label: ReactNode; readonly copy?: string; readonly children: ReactNode }) {
  return (
    <div className="min-w-0 overflow-hidden rounded-md border">
      <div className="flex min-h-8 items-center gap-2 border-b bg-sunken px-3 py-1 text-xs text-soft [&_svg]:size-3.5 [&_svg]:shrink-0">
        {label}
        {copy !== undefined && <CopyButton text={copy} label="Copy the text" className="ml-auto" />}
      </div>
      <div className="px-3 py-2.5">{children}</div>
    </div>
  )
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

function Block({ block }: { readonly block: Fields }) {
  switch (block['type']) {
    case 'text':
      return typeof block['text'] === 'string' ? <TextBlock text={block['text']} /> : <Unknown block={block} />
    case 'image':
      return <ImageBlock block={block} />
    case 'audio':
      return (
        <Note icon={<AudioLines aria-hidden />}>
          Sound, {inertLine(text(block['mimeType']), 60) || 'of unknown kind'}, {bytes(Math.floor(text(block['data']).length * 0.75))}. It
          is not played here.
        </Note>
      )
    case 'resource_link':
      return <ResourceLink block={block} />
    case 'resource':
      return isRecord(block['resource']) ? <Resource resource={block['resource']} /> : <Unknown block={block} />
    default:
      return <Unknown block={block} />
  }
}

function TextBlock({ text: shown, label = 'Text' }: { readonly text: string; readonly label?: string }) {
  const json = useMemo(() => jsonIn(shown), [shown])
  const isHiding = useMemo(() => hasHidden(shown.slice(0, 1_000_000)), [shown])
  return (
    <Frame label={`${label}, ${bytes(new TextEncoder().encode(shown).length)}`} copy={shown}>
      {isHiding && (
        <p className="mb-2 flex items-center gap-1.5 text-xs text-warn">
          <TriangleAlert aria-hidden className="size-3.5 shrink-0" /> It holds hidden or steering characters, shown here as ⟨U+…⟩ or taken
          out.
        </p>
      )}
      {json === undefined ? (
        <div className="font-mono text-xs leading-5">
          {shown === '' ? <span className="text-faint">Empty text</span> : <Untrusted text={shown} lengthMax={TEXT_LENGTH_MAX} />}
        </div>
      ) : (
        <JsonView label="Text that is JSON" value={json} />
      )}
    </Frame>
  )
}

function ImageBlock({ block }: { readonly block: Fields }) {
  const picture = useMemo(() => pictureOf(block['data'], block['mimeType']), [block])
  if (!picture.isShown) {
    return (
      <Note icon={<ImageOff aria-hidden />}>
        Picture, {inertLine(text(block['mimeType']), 60) || 'of unknown kind'}. {picture.reason}
      </Note>
    )
  }
  return (
    <Frame label={`Picture, ${inertLine(text(block['mimeType']), 60)}, ${picture.width} by ${picture.height}`}>
      <img src={picture.source} alt="From the tool; it gives no description" className="max-h-96 max-w-full object-contain" />
    </Frame>
  )
}

function ResourceLink({ block }: { readonly block: Fields }) {
  return (
    <Frame
      label={
        <>
          <Link2 aria-hidden /> Link to a resource; it is not followed
        </>
      }
      copy={text(block['uri'])}
    >
      <p className="text-sm font-medium break-words">{inertLine(text(block['title']) || text(block['name']), 160)}</p>
      <p className="font-mono text-xs">
        <Untrusted text={text(block['uri'])} lengthMax={300} />
      </p>
      {text(block['description']) !== '' && (
        <p className="mt-1 text-sm text-soft">
          <Untrusted text={text(block['description'])} lengthMax={300} />
        </p>
      )}
    </Frame>
  )
}

function Resource({ resource }: { readonly resource: Fields }) {
  const uri = text(resource['uri'])
  const kind = inertLine(text(resource['mimeType']), 60)
  const label = `${uri.startsWith('ui://') ? 'Interface of a server, shown as source and never run' : 'Resource'} ${inertLine(uri, 160)}${kind === '' ? '' : `, ${kind}`}`
  if (typeof resource['text'] === 'string') return <TextBlock text={resource['text']} label={label} />
  return (
    <Note icon={<FileText aria-hidden />}>
      {label}, {bytes(Math.floor(text(resource['blob']).length * 0.75))} of data.
    </Note>
  )
}

function Note({ icon, children }: { readonly icon: ReactNode; readonly children: ReactNode }) {
  return (
    <p className="flex gap-2 rounded-md border px-3 py-2.5 text-sm text-soft [&_svg]:mt-0.5 [&_svg]:size-4 [&_svg]:shrink-0">
      {icon}
      <span className="min-w-0 break-words">{children}</span>
    </p>
  )
}

function Unknown({ block }: { readonly block: Fields }) {
  return (
    <Frame label="A part of a kind that is not known here">
      <JsonView label="Part of the result" value={block} />
    </Frame>
  )
}
