# The drift guard: the model's names and the sources' names, compared with the table names.txt. Sourced by ops/model/check.

# cases_of ENUM: the cases that the sources have, one a line.
cases_of() {
    local delivery=../../Sources/WaybillCore/Delivery
    case $1 in
        DeliveryStatus) grep -oE '"[A-Z]+"' $delivery/DeliveryStatus.swift | tr -d '"' ;;
        JobState) body_of 'enum JobState' ../../Sources/WaybillPorts/JobStore.swift ;;
        DeliveryTransition | MailerOutcome) body_of "^package enum $1" "$delivery/$1.swift" ;;
        AttemptMachine.State) body_of '    private enum State' $delivery/AttemptMachine.swift ;;
        JobSettlement.Verdict) body_of '^package struct JobSettlement' $delivery/JobSettlement.swift ;;
        InDoubtVerdict.Verdict) body_of '^package struct InDoubtVerdict' $delivery/JobSettlement.swift ;;
        OperatorAction) body_of '^package enum OperatorAction' $delivery/OperatorRule.swift ;;
        *) echo "names.sh does not know where the cases of $1 are" ;;
    esac | sort -u
}

# body_of BEGINNING FILE: the cases of the declaration whose first line matches, up to the brace that closes it.
body_of() {
    awk -v beginning="$1" '
        $0 ~ beginning { match($0, /^ */); indent = substr($0, 1, RLENGTH); inside = 1; next }
        inside && $0 == indent "}" { exit }
        inside && $1 == "case" { sub(/^ *case /, ""); gsub(/\([^)]*\)| *=[^,]*/, ""); gsub(/, */, "\n"); print }
    ' "$2"
}

# names_agree: says what differs; succeeds when nothing does.
names_agree() {
    local enum name model differences found=0
    for enum in $(grep -v '^#' names.txt | cut -d ' ' -f 1 | sort -u); do
        differences=$(diff <(cases_of "$enum") <(awk -v enum="$enum" '$1 == enum { print $2 }' names.txt | sort -u) || true)
        [ -z "$differences" ] || { echo "$enum, < the sources, > names.txt:"$'\n'"$differences" >&2; found=1; }
    done
    while read -r enum name model _; do
        [ "$model" = - ] || grep -qw -- "$model" *.pml || { echo "$enum $name: the model has no $model" >&2; found=1; }
    done < <(grep -v '^#' names.txt)
    # The other way round: a status or a row of the model that nothing in the sources is.
    for name in $(sed -nE 's/^mtype:(Status|Row) = \{(.*)\};/\2/p' stores.pml | tr -d ','); do
        [ "$name" = NONE ] || awk '{ print $3 }' names.txt | grep -qx "$name" ||
            { echo "the model's $name is nothing in the sources" >&2; found=1; }
    done
    return "$found"
}
