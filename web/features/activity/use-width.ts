import { type RefObject, useLayoutEffect, useState } from 'react'

export type Width = 'narrow' | 'medium' | 'wide'

const MEDIUM_MIN = 600
const WIDE_MIN = 1_040

/** How much room an element has; the page around it may have a sidebar or none. */
export function useWidth(element: RefObject<HTMLElement | null>): Width {
  const [width, setWidth] = useState<Width>(() => (window.innerWidth < MEDIUM_MIN ? 'narrow' : 'wide'))
  useLayoutEffect(() => {
    if (element.current === null) return undefined
    const measure = (): void => {
      const { clientWidth = WIDE_MIN } = element.current ?? {}
      setWidth(clientWidth < MEDIUM_MIN ? 'narrow' : clientWidth < WIDE_MIN ? 'medium' : 'wide')
    }
    const observer = new ResizeObserver(measure)
    observer.observe(element.current)
    measure()
    return () => observer.disconnect()
  }, [element])
  return width
}
