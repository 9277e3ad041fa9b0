"""The five functions that oversee the service by line L of its standard, and what each may; `access.py` asks here."""

# the five who oversee by line L of the service standard -> how each is called on screen
KEPALA_DINAS, SEKRETARIS, KEPALA_BIDANG = "kepala_dinas", "sekretaris", "kepala_bidang"
ANALIS, OPERATOR_GO = "analis_kebijakan", "operator_go"
JABATAN_WORDS: dict[str, str] = {
    KEPALA_DINAS: "Kepala Dinas", SEKRETARIS: "Sekretaris", KEPALA_BIDANG: "Kepala Bidang PIAK",
    ANALIS: "Analis Kebijakan", OPERATOR_GO: "Operator GO Online",
}
JABATAN = tuple(JABATAN_WORDS)

# What a jabatan allows. For a supervisor it stands in place of the rights of the role, so that whoever steers by
# figures opens no file of a resident; beside any other role it only adds.
JABATAN_RIGHTS: dict[str, frozenset[str]] = {
    KEPALA_DINAS: frozenset({
        "staff_home", "see_summary", "read_figures", "read_survey", "read_evaluation", "sign_evaluation", "sign_month",
    }),
    SEKRETARIS: frozenset({
        "staff_home", "see_workload", "read_figures", "read_survey", "sign_month", "approve_accounts", "manage_notices",
        "open_one_person_day", "read_evaluation", "keep_registers",
    }),
    ANALIS: frozenset({
        "staff_home", "see_analysis", "read_figures", "read_survey", "read_evaluation", "prepare_evaluation",
        "keep_standard", "download_data", "sign_month",
    }),
    OPERATOR_GO: frozenset({
        "staff_home", "see_operations", "see_channel", "manage_channel", "see_installation", "manage_notices",
        "sign_month",
    }),
}
# the Kepala Bidang may what a supervisor may, but for the pages of the others
LEFT_TO_OTHERS = frozenset({"see_summary", "see_workload", "see_analysis", "see_operations", "sign_evaluation"})
# which roles a jabatan goes with; the database says it again (Staff)
JABATAN_ROLES: dict[str, frozenset[str]] = {
    **dict.fromkeys(JABATAN, frozenset({"supervisor"})), OPERATOR_GO: frozenset({"operator", "supervisor", "admin"}),
}

# the endpoint each lands on
JABATAN_HOMES: dict[str, str] = {
    KEPALA_DINAS: "oversight.head", SEKRETARIS: "oversight.workload", KEPALA_BIDANG: "oversight.field",
    ANALIS: "oversight.analysis", OPERATOR_GO: "oversight.operations",
}
