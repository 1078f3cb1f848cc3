"""The handlers of the control API by operationId: what is asked on one side, what a tenant can do on the other."""

from collections.abc import Callable, Mapping
from typing import Any

from immuta_mock.control.asked import Asked
from immuta_mock.control.handlers import faults, journal, server, state, steering

__all__ = ["HANDLERS"]

HANDLERS: Mapping[str, Callable[[Asked], Any]] = {
    "getHealth": server.get_health,
    "getDocument": server.get_document,
    "listTenants": server.list_tenants,
    "removeTenant": server.remove_tenant,
    "getSeedSchema": state.get_seed_schema,
    "resetTenant": state.reset_tenant,
    "getState": state.get_state,
    "loadState": state.load_state,
    "listSnapshots": state.list_snapshots,
    "saveSnapshot": state.save_snapshot,
    "restoreSnapshot": state.restore_snapshot,
    "removeSnapshot": state.remove_snapshot,
    "getTime": steering.get_time,
    "freezeTime": steering.freeze_time,
    "advanceTime": steering.advance_time,
    "resumeTime": steering.resume_time,
    "listJobs": steering.list_jobs,
    "completeJob": steering.complete_job,
    "failJob": steering.fail_job,
    "listUsers": steering.list_users,
    "addUser": steering.add_user,
    "expireTokens": steering.expire_tokens,
    "listFaults": faults.list_faults,
    "addFault": faults.add_fault,
    "replaceFaults": faults.replace_faults,
    "clearFaults": faults.clear_faults,
    "putFault": faults.put_fault,
    "removeFault": faults.remove_fault,
    "listJournal": journal.list_journal,
    "followJournal": journal.follow_journal,
    "clearJournal": journal.clear_journal,
    "verifyJournal": journal.verify_journal,
    "exportJournal": journal.export_journal,
}
