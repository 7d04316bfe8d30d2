/** The copy of an object that steps edit. Its status is always there, if only empty. */
export type Draft<T extends { status?: unknown }> = T & { status: NonNullable<T['status']> };
