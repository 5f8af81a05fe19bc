import { CircleAlert, CircleCheck, Clock, OctagonX, Plus, Trash } from 'lucide-react'
import { useState } from 'react'
import { Badge } from '@/components/ui/badge.tsx'
import { Button } from '@/components/ui/button.tsx'
import { CodeBlock, CopyButton } from '@/components/ui/copy.tsx'
import { Field, Input, Textarea } from '@/components/ui/field.tsx'
import { Facts, Kbd } from '@/components/ui/layout.tsx'
import { Select } from '@/components/ui/select.tsx'
import { TabPanel, Tabs } from '@/components/ui/tabs.tsx'
import { TimeAgo } from '@/components/ui/time.tsx'
import { Checkbox, Segmented, Switch } from '@/components/ui/toggle.tsx'
import { Chapter, rowClass, Specimen } from './specimen.tsx'

export function Buttons() {
  return (
    <Chapter
      id="buttons"
      title="Buttons"
      rule="A verb and a thing. One primary action in a view; what destroys is red and asks for the name."
    >
      <Specimen name="Kinds" className={rowClass}>
        <Button variant="primary">
          <Plus /> Add server
        </Button>
        <Button>Restart deployment</Button>
        <Button variant="ghost">Show details</Button>
        <Button variant="danger">
          <Trash /> Remove deployment
        </Button>
      </Specimen>
      <Specimen name="Sizes and states" className={rowClass}>
        <Button size="sm">Small</Button>
        <Button>Usual</Button>
        <Button size="lg" variant="primary">
          Large
        </Button>
        <Button size="icon" aria-label="Add">
          <Plus />
        </Button>
        <Button disabled>Not now</Button>
        <Button isBusy variant="primary">
          Saving changes
        </Button>
      </Specimen>
      <Specimen name="Badges: an icon and a word" className={rowClass}>
        <Badge tone="ok" icon={<CircleCheck aria-hidden />}>
          Running
        </Badge>
        <Badge tone="warn" icon={<Clock aria-hidden />}>
          Waits for approval
        </Badge>
        <Badge tone="bad" icon={<OctagonX aria-hidden />}>
          Quarantined
        </Badge>
        <Badge tone="accent" icon={<CircleAlert aria-hidden />}>
          New
        </Badge>
        <Badge>modern</Badge>
        <Badge className="max-w-40">a name much longer than its badge</Badge>
      </Specimen>
    </Chapter>
  )
}

export function Fields() {
  const [name, setName] = useState('')
  const [access, setAccess] = useState<'granted' | 'tenant' | 'public'>('granted')
  const isTooShort = name.length > 0 && name.length < 3
  return (
    <Chapter
      id="fields"
      title="Fields"
      rule="A label always, one sentence of help at most, the mistake below the field and how to mend it."
    >
      <div className="grid max-w-3xl items-start gap-5 sm:grid-cols-2">
        <Field label="Name" hint="Lower-case letters, digits and hyphens." error={isTooShort ? 'At least three characters.' : null}>
          <Input value={name} onChange={(event) => setName(event.target.value)} placeholder="docs" />
        </Field>
        <Field label="Address" error="Nothing answers at this address. Check the port.">
          <Input defaultValue="http://127.0.0.1:9999/mcp" className="font-mono" />
        </Field>
        <Field label="Who may use it">
          <Select
            value={access}
            onChange={setAccess}
            options={[
              { value: 'granted', label: 'Granted', hint: 'Keys that name it' },
              { value: 'tenant', label: 'Everyone here', hint: 'Every key of this tenant' },
              { value: 'public', label: 'Public', hint: 'No credential' },
            ]}
          />
        </Field>
        <Field label="Not to be changed" hint="Declared in sallyport.json, line 12.">
          <Input defaultValue="everything" disabled />
        </Field>
        <Field label="Note" isOptional className="sm:col-span-2">
          <Textarea placeholder="What this is for" />
        </Field>
      </div>
    </Chapter>
  )
}

export function Choices() {
  const [isOn, setIsOn] = useState(true)
  const [range, setRange] = useState<'1h' | '24h' | '7d'>('24h')
  const [tab, setTab] = useState<'overview' | 'tools' | 'logs'>('overview')
  return (
    <Chapter
      id="choices"
      title="Choices"
      rule="A switch acts at once, a checkbox with the form around it. Segments change the view, tabs the content."
    >
      <Specimen name="Checkbox and switch" className={rowClass}>
        <Checkbox isChecked={isOn} onChange={setIsOn} label="notes__search" />
        <Checkbox isChecked={false} isMixed onChange={() => setIsOn(!isOn)} label="3 of 7 tools" />
        <Checkbox isChecked={false} isDisabled onChange={() => {}} label="Not offered" />
        <Switch isChecked={isOn} onChange={setIsOn} label="Live" />
        <Switch isChecked={false} isDisabled onChange={() => {}} label="Locked" />
      </Specimen>
      <Specimen name="Segments">
        <Segmented
          aria-label="Time range"
          value={range}
          onChange={setRange}
          options={[
            { value: '1h', label: '1 h' },
            { value: '24h', label: '24 h' },
            { value: '7d', label: '7 d' },
          ]}
        />
      </Specimen>
      <Specimen name="Tabs">
        <Tabs
          aria-label="Parts of a deployment"
          value={tab}
          onChange={setTab}
          tabs={[
            { value: 'overview', label: 'Overview' },
            { value: 'tools', label: 'Tools', count: 12 },
            { value: 'logs', label: 'Logs' },
          ]}
        >
          <TabPanel value="overview" className="text-soft">
            What it is and how it does.
          </TabPanel>
          <TabPanel value="tools" className="text-soft">
            What it offers.
          </TabPanel>
          <TabPanel value="logs" className="text-soft">
            What it says.
          </TabPanel>
        </Tabs>
      </Specimen>
    </Chapter>
  )
}

export function Texts() {
  const [yesterday] = useState(() => new Date(Date.now() - 86_400_000).toISOString())
  return (
    <Chapter
      id="texts"
      title="Facts, code, keys"
      rule="What may be taken along has a copy button. Times are relative; the date is under the pointer."
    >
      <div className="grid gap-6 lg:grid-cols-2">
        <Facts
          facts={[
            [
              'Endpoint',
              <code key="endpoint" className="font-mono text-xs break-all">
                http://127.0.0.1:7255/mcp/starter
              </code>,
            ],
            ['Last call', <TimeAgo key="at" at={yesterday} />],
            ['Never', <TimeAgo key="never" at={null} />],
            [
              'Digest',
              <span key="digest" className="inline-flex items-center gap-1">
                <code className="font-mono text-xs">9f86d081884c</code>
                <CopyButton text="9f86d081884c" label="Copy the digest" />
              </span>,
            ],
            [
              'Palette',
              <span key="keys" className="inline-flex gap-1">
                <Kbd>⌘</Kbd>
                <Kbd>K</Kbd>
              </span>,
            ],
          ]}
        />
        <CodeBlock label="Command" text={'claude mcp add --transport http starter \\\n  http://127.0.0.1:7255/mcp/starter'} />
      </div>
    </Chapter>
  )
}
