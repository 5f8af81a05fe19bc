import { Link } from '@tanstack/react-router'
import { FlaskConical } from 'lucide-react'
import { buttonClass } from '@/components/ui/button.tsx'
import { Empty, Page, Section } from '@/components/ui/layout.tsx'

/** The overview of somebody whose key calls tools and may do nothing else: one way on instead of many refusals. */
export function ForAdmins() {
  return (
    <Page title="Overview">
      <Section>
        <Empty
          icon={<FlaskConical />}
          title="Call tools in the Playground"
          action={
            <Link to="/app/playground" className={buttonClass({ variant: 'primary' })}>
              Open the Playground
            </Link>
          }
        >
          Your key is for tools. This page and most others show what admins look after: ask one of them for a key with the scope{' '}
          <code className="font-mono text-xs">admin</code> if you need them.
        </Empty>
      </Section>
    </Page>
  )
}
