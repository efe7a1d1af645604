namespace EdgeAgent.Can.Tests.Fuzz;

/// <summary>Every statement of the DBC format at least once.</summary>
internal static class DbcFuzzSeeds
{
    public static IReadOnlyList<string> All { get; } =
    [
        """
        VERSION "1.2"
        NS_ :
            CM_
            BA_DEF_
        BS_: 500 : 1,2
        BU_: A B
        VAL_TABLE_ OnOff 1 "on" 0 "off" ;
        BO_ 1 M: 8 A
         SG_ Outer M : 0|4@1+ (1,0) [0|0] "u" B
         SG_ Inner m1M : 4|4@1- (0.5,-1e3) [0|10] "" A,B
         SG_ Low m0 : 15|8@0+ (1,0) [0|0] "" A
         SG_ Float : 16|32@1- (1,0) [0|0] "" A
        BO_ 2147483649 Wide: 64 Vector__XXX
         SG_ Double : 7|64@0- (1,0) [0|0] "" Vector__XXX
         SG_ Odd : 67|57@1- (3,-1) [-5|7] "°C" A
        BO_TX_BU_ 1 : A,B;
        CM_ SG_ 1 Low "text \" more";
        CM_ BO_ 1 "a message
        in two lines";
        CM_ BU_ A "node";
        CM_ "bus";
        BA_DEF_ BO_ "GenMsgCycleTime" INT 0 1000;
        BA_DEF_ BO_ "VFrameFormat" ENUM "StandardCAN","ExtendedCAN","reserved","J1939PG";
        BA_DEF_ SG_ "SPN" INT 0 524287;
        BA_DEF_ SG_ "SystemSignalLongSymbol" STRING ;
        BA_DEF_ "F" FLOAT -1 1.5;
        BA_DEF_DEF_ "GenMsgCycleTime" 10;
        BA_DEF_DEF_ "VFrameFormat" "StandardCAN";
        BA_ "F" 0.25;
        BA_ "GenMsgCycleTime" BO_ 1 20;
        BA_ "VFrameFormat" BO_ 2147483649 3;
        BA_ "SPN" SG_ 1 Low 190;
        BA_ "SystemSignalLongSymbol" SG_ 1 Low "A_long_name_that_does_not_fit_into_32_characters";
        VAL_ 1 Low 0 "zero" -1 "none" ;
        SIG_VALTYPE_ 1 Float : 1;
        SIG_VALTYPE_ 2147483649 Double : 2;
        SIG_GROUP_ 1 G 1 : Low Float;
        SG_MUL_VAL_ 1 Inner Outer 1-2, 4-4;
        SG_MUL_VAL_ 1 Low Inner 0-7;
        """,
        """
        BU_: A
        BO_ 3221225472 VECTOR__INDEPENDENT_SIG_MSG: 0 Vector__XXX
         SG_ Lost : 0|8@1+ (1,0) [0|0] "" Vector__XXX
        BO_ 1 M: 1 A
         SG_ S : 0|8@1+ (1,0) [0|0] "" A
        EV_ Variable: 0 [0|1] "" 0 1 DUMMY_NODE_VECTOR0 A,B;
        ENVVAR_DATA_ Variable: 5;
        SGTYPE_ T : 8@1+ (1,0) [0|0] "" 0 ;
        CAT_DEF_ 1 C 2;
        CAT_ B 1;
        CM_ EV_ Variable "an environment variable";
        BA_DEF_ EV_ "E" STRING ;
        BA_ "E" EV_ Variable "text";
        BA_DEF_REL_ BU_SG_REL_ "R" INT 0 65535;
        BA_DEF_REL_ BU_BO_REL_ "Q" FLOAT 0 1;
        BA_DEF_REL_ BU_EV_REL_ "P" STRING ;
        BA_DEF_DEF_REL_ "R" 0;
        BA_REL_ "R" BU_SG_REL_ A SG_ 1 S 5;
        BA_REL_ "Q" BU_BO_REL_ A 1 0.5;
        BA_REL_ "P" BU_EV_REL_ A Variable "x";
        VAL_ Variable 0 "zero" ;
        """,
        "BO_ 1 M: 8 A\r\n SG_ A m0M : 0|8@1+ (1,0) [0|0] \"\" A\r\n SG_ B m0M : 8|8@1+ (1,0) [0|0] \"\" A\r\nSG_MUL_VAL_ 1 A B 0-9;\r\nSG_MUL_VAL_ 1 B A 0-9;\r\n",
        "BO_ 1 M: 8 A\n SG_ S M : 0|64@1+ (1e300,1e300) [1e999|-1e999] \"\" A\n SG_ T m18446744073709551615 : 0|64@1- (0,0) [0|0] \"\" A\nVAL_ 1 S 18446744073709551615 \"all\" ;\n",
    ];

    public static IReadOnlyList<string> Words { get; } =
    [
        "BO_ ", "SG_ ", "CM_ ", "BA_ ", "BA_DEF_ ", "BA_DEF_DEF_ ", "BA_REL_ ", "BA_DEF_REL_ ", "BU_SG_REL_ ", "BU_BO_REL_ ", "VAL_ ", "VAL_TABLE_ ", "SG_MUL_VAL_ ",
        "SIG_VALTYPE_ ", "SIG_GROUP_ ", "EV_ ", "ENVVAR_DATA_ ", "BU_: ", "NS_ : ", "BS_: ", "BO_TX_BU_ ", ":", ";", ",", "|", "@", "(", ")", "[", "]", "+", "-", "\"", "\\\"",
        "\"x\"", " M ", " m0 ", " m1M ", "Outer ", "Inner ", "Low ", "INT ", "HEX ", "ENUM ", "STRING ", "FLOAT ", "\"VFrameFormat\" ", "\"GenMsgCycleTime\" ", "//", "\n", "\r\n", "\0", "é",
        "VECTOR__INDEPENDENT_SIG_MSG", "Vector__XXX ", "0-18446744073709551615", "1 \"one\" ", "\uFEFF",
        " SG_ X m3 : 7|12@0- (0.1,1) [0|0] \"\" A\n", "BO_ 2147483650 X: 64 A\n",
    ];
}
