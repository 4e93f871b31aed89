using System.Globalization;
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;

namespace DcosIsolation.Netlink.Tests.Interop;

/// <summary>
/// Writes managed types down in the lines that native-tests/layout.c prints: <c>struct NAME SIZE</c>, <c>field STRUCT.FIELD OFFSET SIZE</c>
/// and <c>const NAME VALUE</c>. Sizes and offsets are the runtime's own, those that a pointer sees, not the marshaller's.
/// </summary>
/// <remarks>
/// Left out are string constants, inline arrays, what the compiler generates, and fields whose name begins with an underscore: padding,
/// which the size of the struct proves.
/// </remarks>
internal static class LayoutLines
{
    public static IEnumerable<string> Of(IEnumerable<Type> types) => types.SelectMany(Of).Distinct();

    /// <summary>All types of a namespace and of those below it, nested types included.</summary>
    public static IEnumerable<Type> TypesIn(Assembly assembly, string @namespace) => assembly.GetTypes().Where(type =>
        type.Namespace is { } own && (own == @namespace || own.StartsWith(@namespace + ".", StringComparison.Ordinal)));

    private static IEnumerable<string> Of(Type type)
    {
        if (type.IsDefined(typeof(CompilerGeneratedAttribute)) || type.IsDefined(typeof(InlineArrayAttribute)))
        {
            return [];
        }

        IEnumerable<string> constants = type
            .GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
            .Where(field => field.IsLiteral && field.FieldType != typeof(string))
            .Select(field => $"const {field.Name} {Convert.ToDecimal(field.GetRawConstantValue(), CultureInfo.InvariantCulture)}");
        if (!type.IsValueType || type.IsEnum)
        {
            return constants;
        }

        IEnumerable<string> fields = type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
            .Where(field => !field.Name.StartsWith('_'))
            .Select(field => $"field {type.Name}.{field.Name} {OffsetOf(type, field)} {SizeOf(field.FieldType)}");
        return [$"struct {type.Name} {SizeOf(type)}", .. fields, .. constants];
    }

    private static int SizeOf(Type type) => Evaluate(code => code.Emit(OpCodes.Sizeof, type));

    private static int OffsetOf(Type type, FieldInfo field) => Evaluate(code =>
    {
        LocalBuilder instance = code.DeclareLocal(type);
        code.Emit(OpCodes.Ldloca, instance);
        code.Emit(OpCodes.Ldflda, field);
        code.Emit(OpCodes.Ldloca, instance);
        code.Emit(OpCodes.Sub);
        code.Emit(OpCodes.Conv_I4);
    });

    private static int Evaluate(Action<ILGenerator> expression)
    {
        var method = new DynamicMethod("Evaluate", typeof(int), [], typeof(LayoutLines).Module, skipVisibility: true);
        ILGenerator code = method.GetILGenerator();
        expression(code);
        code.Emit(OpCodes.Ret);
        return method.CreateDelegate<Func<int>>()();
    }
}
