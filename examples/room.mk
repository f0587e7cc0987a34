# SPDX-License-Identifier: MIT
# Every example is a program of its own that includes <cx.h> and nothing else of ours. `make check` runs them; tests/scripts/installed.sh compiles
# them against an installed tree. They find the example shop under data/.
EXTRA_DIST += examples/demo.sh examples/readme.py examples/readme.lua examples/tutorial.sh examples/tutorial.py examples/tutorial.lua examples/data
check_PROGRAMS += example_readme example_context example_table example_model example_metric example_party example_event \
	example_content example_preference example_permission example_profile example_format example_store \
	example_history example_lifecycle example_stage example_ranker example_base example_tutorial
example_readme_SOURCES = examples/readme.c
example_readme_LDADD = libcx.la
example_context_SOURCES = examples/context.c
example_context_LDADD = libcx.la
example_table_SOURCES = examples/table.c
example_table_LDADD = libcx.la
example_model_SOURCES = examples/model.c
example_model_LDADD = libcx.la
example_metric_SOURCES = examples/metric.c
example_metric_LDADD = libcx.la
example_party_SOURCES = examples/party.c
example_party_LDADD = libcx.la
example_event_SOURCES = examples/event.c
example_event_LDADD = libcx.la
example_content_SOURCES = examples/content.c
example_content_LDADD = libcx.la
example_preference_SOURCES = examples/preference.c
example_preference_LDADD = libcx.la
example_permission_SOURCES = examples/permission.c
example_permission_LDADD = libcx.la
example_profile_SOURCES = examples/profile.c
example_profile_LDADD = libcx.la
example_format_SOURCES = examples/format.c
example_format_LDADD = libcx.la
example_store_SOURCES = examples/store.c
example_store_LDADD = libcx.la
example_history_SOURCES = examples/history.c
example_history_LDADD = libcx.la
example_lifecycle_SOURCES = examples/lifecycle.c
example_lifecycle_LDADD = libcx.la
example_stage_SOURCES = examples/stage.c
example_stage_LDADD = libcx.la -lm
example_ranker_SOURCES = examples/ranker.c
example_ranker_LDADD = libcx.la
example_base_SOURCES = examples/base.c
example_base_LDADD = libcx.la
example_tutorial_SOURCES = examples/tutorial.c
example_tutorial_LDADD = libcx.la
