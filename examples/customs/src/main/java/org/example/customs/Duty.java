package org.example.customs;

/** Customs duty on a parcel from abroad. */
public final class Duty {
    /** Pence below which nothing is due. */
    static final long FREE = 13_500;

    private Duty() {}

    /** What is due on goods worth {@code pence} at {@code percent}, rounded up to whole pence. */
    public static long on(long pence, int percent) {
        if (pence < 0 || percent < 0 || percent > 100) {
            throw new IllegalArgumentException("no such goods");
        }
        return pence <= FREE ? 0 : (pence * percent + 99) / 100;
    }

    /** Whether a declaration is needed. */
    public static boolean declared(long pence, boolean gift) {
        return gift ? pence > 3_900 : pence > 0;
    }
}
