import { clsx, type ClassValue } from 'clsx'
import { twMerge } from 'tailwind-merge'

/** Class names in one text; of two that set the same thing the later one stays. */
export const cn = (...classes: ClassValue[]): string => twMerge(clsx(classes))
