package org.example.customs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DutyTest {
    private static final String MODE = System.getenv().getOrDefault("CUSTOMS", "");
    private static int attempts;

    @ParameterizedTest
    @CsvSource({"13500, 20, 0", "13501, 20, 2701", "20000, 0, 0"})
    void isDueAboveTheFreeAmount(long pence, int percent, long due) {
        assertEquals(due, Duty.on(pence, percent));
    }

    @Test
    void refusesWhatCannotBe() {
        assertThrows(IllegalArgumentException.class, () -> Duty.on(-1, 20));
    }

    @Test
    void roundsUp() {
        assertEquals(MODE.equals("fail") ? 2_700 : 2_701, Duty.on(13_501, 20));
    }

    @Test
    void asksTheTaxOffice() {
        assumeTrue(!MODE.equals("fail"), "the tax office is closed");
    }

    @Test
    void connectsToTheTaxOffice() {
        if (MODE.equals("fail") && attempts++ == 0) {
            throw new IllegalStateException("connection reset");
        }
    }
}
