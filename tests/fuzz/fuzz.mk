# SPDX-License-Identifier: MIT
# make fuzz       every parser of foreign bytes under libFuzzer, FUZZ_RUNS inputs each (clang)
# make fuzz-seeds the seeds of tests/fuzz/corpus once each, nothing new is tried
# make fuzz-report 1,000,000 inputs each and more (hours), and how much of its parser each
#                 target reached: FUZZ_LONG=1000000 FUZZ_JOBS=1 FUZZ_ARGS="--resume url"

FUZZ_CC ?= clang
FUZZ_RUNS ?= 20000
# The same inputs every time, so that a failing run can be run again; 0: others each time.
FUZZ_SEED ?= 1
# Seconds for one target, whatever FUZZ_RUNS says.
FUZZ_TIME ?= 60
FUZZ_B = $(B)/fuzz
FUZZ_TARGETS := $(notdir $(wildcard tests/fuzz/corpus/*))
FUZZ_SAN := -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
FUZZ_CFLAGS = -std=gnu17 -O1 -g -fno-omit-frame-pointer $(FUZZ_SAN)
FUZZ_SRC = $(patsubst $(B)/%.o,%.c,$(OBJ)) $(wildcard tests/fuzz/targets*.c) \
	tests/fuzz/fuzz_parsers.c
FUZZ_OBJ = $(patsubst %.c,$(FUZZ_B)/%.o,$(FUZZ_SRC))
FUZZ_OPTS = -max_len=16384 -timeout=10 -rss_limit_mb=1024 -verbosity=0 -print_final_stats=0 \
	-close_fd_mask=0

$(FUZZ_B)/%.o: %.c | need
	$(if $(Q),@echo "  CC      $@")
	@mkdir -p $(@D)
	$(Q)$(FUZZ_CC) $(CPPFLAGS_ALL) -Ilib/check $(FUZZ_CFLAGS) -MMD -MP -c -o $@ $<

$(FUZZ_B)/lib/tune/builtin.o: $(B)/gen/profiles.inc
$(FUZZ_B)/lib/out/html.o: $(B)/gen/page_css.inc

$(FUZZ_B)/fuzz: $(FUZZ_OBJ)
	$(if $(Q),@echo "  LD      $@")
	$(Q)$(FUZZ_CC) -g -fsanitize=fuzzer,address,undefined -o $@ $(FUZZ_OBJ) \
		$(PKG_LIBS) -ldl -lm

$(addprefix $(FUZZ_B)/,$(FUZZ_TARGETS)): $(FUZZ_B)/fuzz
	$(Q)ln -sf fuzz $@

fuzz-build: $(addprefix $(FUZZ_B)/,$(FUZZ_TARGETS))

# $(1): options and folders behind the program's name, where $$t is the target.
define fuzz_all
	$(Q)printf '%s\n' $(FUZZ_TARGETS) | xargs -P $$(nproc) -I{} sh -c 't={}; \
		mkdir -p $(FUZZ_B)/found/$$t; \
		if $(FUZZ_B)/$$t $(FUZZ_OPTS) -artifact_prefix=$(FUZZ_B)/$$t- $(1) \
			>$(FUZZ_B)/$$t.log 2>&1; then \
			echo "ok fuzz/$$t"; \
		else \
			{ echo "not ok fuzz/$$t"; \
			grep -E "^$$t: |SUMMARY:|runtime error|Test unit written" \
				$(FUZZ_B)/$$t.log || tail -n 5 $(FUZZ_B)/$$t.log; } | \
				sed "2,\$$s/^/# /"; \
			exit 1; \
		fi'
endef

fuzz: fuzz-build
	$(call fuzz_all,-runs=$(FUZZ_RUNS) -seed=$(FUZZ_SEED) -max_total_time=$(FUZZ_TIME) \
		$(FUZZ_B)/found/$$t tests/fuzz/corpus/$$t)

fuzz-seeds: fuzz-build
	$(call fuzz_all,-runs=0 tests/fuzz/corpus/$$t)

# The same programs once more, that count lines instead of looking for faults.
FUZZ_LONG ?= 1000000
FUZZ_JOBS ?= 1
FUZZ_ARGS ?=
FUZZ_COV = $(B)/fuzz-cov
FUZZ_COV_OBJ = $(patsubst %.c,$(FUZZ_COV)/%.o,$(FUZZ_SRC))
FUZZ_COUNT := -fprofile-instr-generate -fcoverage-mapping

$(FUZZ_COV)/%.o: %.c | need
	$(if $(Q),@echo "  CC      $@")
	@mkdir -p $(@D)
	$(Q)$(FUZZ_CC) $(CPPFLAGS_ALL) -Ilib/check -std=gnu17 -O1 $(FUZZ_COUNT) \
		-MMD -MP -c -o $@ $<

$(FUZZ_COV)/lib/tune/builtin.o: $(B)/gen/profiles.inc
$(FUZZ_COV)/lib/out/html.o: $(B)/gen/page_css.inc

$(FUZZ_COV)/fuzz: $(FUZZ_COV_OBJ)
	$(if $(Q),@echo "  LD      $@")
	$(Q)$(FUZZ_CC) -fsanitize=fuzzer $(FUZZ_COUNT) -o $@ $(FUZZ_COV_OBJ) $(PKG_LIBS) \
		-ldl -lm

$(addprefix $(FUZZ_COV)/,$(FUZZ_TARGETS)): $(FUZZ_COV)/fuzz
	$(Q)ln -sf fuzz $@

fuzz-report-build: fuzz-build $(addprefix $(FUZZ_COV)/,$(FUZZ_TARGETS))

fuzz-report: fuzz-report-build
	$(Q)tests/fuzz/report.py --build $(B) --runs $(FUZZ_LONG) --jobs $(FUZZ_JOBS) $(FUZZ_ARGS)

.PHONY: fuzz fuzz-build fuzz-seeds fuzz-report fuzz-report-build

-include $(FUZZ_OBJ:.o=.d) $(FUZZ_COV_OBJ:.o=.d)
