# SPDX-License-Identifier: MIT
# Every suite prints lines "ok NAME", "not ok NAME" and "ok NAME # SKIP why";
# tests/run.sh counts them, and its last line is "N passed, N failed, N skipped".

-include tests/unit/unit.mk tests/fuzz/fuzz.mk

KERNEL ?= 6.12
CASE ?=
RUN = MAKE="$(MAKE)" B=$(B) VALGRIND=$(VALGRIND) SANITIZE=$(SANITIZE) CC="$(CC)" tests/run.sh

check: all
	@$(RUN) structure unit cli

test:
	@$(MAKE) --no-print-directory deps
	@$(MAKE) --no-print-directory all
	@$(RUN) structure unit cli manual builds sanitize fuzz vm-core

test-full:
	@$(MAKE) --no-print-directory deps
	@$(MAKE) --no-print-directory all
	@$(RUN) structure unit cli manual builds foreign sanitize sanitize-cli valgrind fuzz engines \
		packages vm-full analyze coverage soak fuzz-long mutation

# Programs that cases run in the guest: all of ktlsctl but its commands. Those that are
# started often have nothing of it: its libraries cost an emulated machine more than they do.
VM_PROGRAMS := $(patsubst tests/vm/programs/%.c,$(B)/tests/programs/%,\
	$(wildcard tests/vm/programs/*.c))
VM_SMALL := $(addprefix $(B)/tests/programs/,cutproxy killstep picture)

$(filter-out $(VM_SMALL),$(VM_PROGRAMS)): $(OBJ)
$(VM_PROGRAMS): $(B)/tests/programs/%: $(B)/tests/vm/programs/%.o
	$(if $(Q),@echo "  LD      $@")
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(PKG_LIBS) -lm -ldl

# These stand between the probe and what it asks.
$(B)/tests/programs/probe_mutants: private OWN_LD := \
	-Wl,--wrap=ktls_install,--wrap=send,--wrap=recv
$(B)/tests/programs/probe_liars: private OWN_LD := \
	-Wl,--wrap=BIO_ctrl,--wrap=kernel_ask,--wrap=counts_read

vm-programs: $(VM_PROGRAMS)

vm-test: all vm-programs
	@tests/vm/run.sh --kernel $(KERNEL) $(if $(CASE),--case $(CASE)) --full

# Prometheus, node_exporter, Ansible, systemd: Debian's, in namespaces (root).
engines: all
	@$(RUN) engines

# Built for i386 and arm64, and the unit tests as programs of theirs.
foreign:
	@$(RUN) foreign

# What gcc, clang-tidy and cppcheck say of the sources.
analyze: all
	@$(RUN) analyze

# Which lines the unit tests and those of the command line run (clang). That some of them
# do not like a program that writes files of its own is no matter here.
COVERAGE_B := build/coverage
# Counted in the file itself (%c): a process that may open no file any more, or is killed,
# has its lines there all the same.
COVERAGE := -fcoverage-mapping \
	-fprofile-instr-generate=$(CURDIR)/$(COVERAGE_B)/raw/%4m%c.profraw
COVERAGE_MAKE = CFLAGS="$(COVERAGE) -mllvm -runtime-counter-relocation" \
	LDFLAGS="$(COVERAGE)" $(MAKE) --no-print-directory CC=clang B=$(COVERAGE_B) OPT=-O1 HARDEN=-fPIE
# Nobody's processes write there, too.
coverage:
	@rm -rf $(COVERAGE_B)/raw && mkdir -p $(COVERAGE_B)/raw && chmod 777 $(COVERAGE_B)/raw
	@$(COVERAGE_MAKE) all unit-build
	@umask 0; { $(COVERAGE_MAKE) unit; KTLSCTL=$(COVERAGE_B)/ktlsctl tests/cli/run.py; } \
		>$(COVERAGE_B)/tests.log 2>&1; \
		echo "# $$(grep -c '^ok' $(COVERAGE_B)/tests.log) tests passed," \
		"$$(grep -c '^not ok' $(COVERAGE_B)/tests.log) did not"
	@PROFILES=$(COVERAGE_B)/raw OUT=$(COVERAGE_B) tests/coverage.py $(COVERAGE_B)/ktlsctl \
		$(UNIT_TEST:%.c=$(COVERAGE_B)/%)

# Is a comparison that is turned over noticed?
mutation:
	@$(RUN) mutation

soak: all
	@$(RUN) soak

# Built and installed on Debian systems of their own, out of the cache (root).
packages:
	@$(RUN) packages

vm-shell: all
	@tests/vm/boot.sh --shell --kernel $(KERNEL)

demo: all
	@tests/vm/demo.sh

bench: all
	@tests/bench/run.py

# Pages as a browser shows them, for people to look at.
screenshots: all
	@tests/html/screenshots.sh

.PHONY: check test test-full engines foreign packages analyze coverage mutation soak \
	vm-test vm-programs vm-shell demo bench screenshots
.SECONDARY: $(VM_PROGRAMS:$(B)/tests/programs/%=$(B)/tests/vm/programs/%.o)

-include $(VM_PROGRAMS:$(B)/tests/programs/%=$(B)/tests/vm/programs/%.d)
