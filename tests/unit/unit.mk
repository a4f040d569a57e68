# SPDX-License-Identifier: MIT
# make unit       the unit tests, as TAP; VALGRIND=1 under valgrind, SANITIZE= as everywhere
#
# A test is a program of its own: tests/unit/test_NAME.c, found by its name. What does not
# begin with test_ is help for all of them.

UNIT_TEST := $(wildcard tests/unit/test_*.c)
UNIT_HELP := $(filter-out $(UNIT_TEST),$(wildcard tests/unit/*.c)) \
	$(wildcard tests/fuzz/targets*.c)
UNIT_BIN = $(patsubst %.c,$(B)/%,$(UNIT_TEST))
UNIT_HELP_OBJ = $(patsubst %.c,$(B)/%.o,$(UNIT_HELP))
comma := ,
UNIT_RUN := $(if $(filter 1,$(VALGRIND)),valgrind -q --error-exitcode=9 --leak-check=full \
	--suppressions=tests/valgrind.supp \
	--errors-for-leak-kinds=definite$(comma)possible)

$(UNIT_BIN): $(B)/%: $(B)/%.o $(UNIT_HELP_OBJ) $(OBJ)
	$(if $(Q),@echo "  LD      $@")
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $< $(UNIT_HELP_OBJ) $(OBJ) -lcmocka $(PKG_LIBS) -ldl -lm

# Another kernel answers this one.
WRAP := ktls_attach ktls_install ktls_set_option ktls_send_record ktls_recv_record send recv
$(B)/tests/unit/test_probe_kernel: private OWN_LD := $(WRAP:%=-Wl,--wrap=%)
SOFT_WRAP := ktls_attach ktls_install ktls_set_option ktls_send_record ktls_recv_record \
	send sendfile sendfile64
$(B)/tests/unit/test_ktls_ssl $(B)/tests/unit/test_ktls_feed: private OWN_LD := $(SOFT_WRAP:%=-Wl,--wrap=%)

# All of them run, also behind one that fails.
unit: $(UNIT_BIN)
	$(Q)UNIT_RUN="$(UNIT_RUN)" tests/unit/run.sh $(sort $(UNIT_BIN))

unit-build: $(UNIT_BIN)

.PHONY: unit unit-build
.SECONDARY: $(patsubst %.c,$(B)/%.o,$(UNIT_TEST)) $(UNIT_HELP_OBJ)

-include $(patsubst %.c,$(B)/%.d,$(UNIT_TEST) $(UNIT_HELP))
